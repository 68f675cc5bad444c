/** One RSA key per pool, in a file of its own that only its owner can read. Tokens outlive a restart, so the key must. */
import {
  createHash,
  createPrivateKey,
  createPublicKey,
  generateKeyPairSync,
  type KeyObject,
  sign,
  verify,
} from 'node:crypto';
import { existsSync, mkdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import * as z from 'zod';

const publicJwk = z.object({ kty: z.literal('RSA'), n: z.string(), e: z.string() });
export type Jwk = z.infer<typeof publicJwk> & { readonly kid: string; readonly alg: 'RS256'; readonly use: 'sig' };

interface SigningKey {
  readonly privateKey: KeyObject;
  readonly publicKey: KeyObject;
  readonly jwk: Jwk;
}

const encode = (value: unknown) => Buffer.from(JSON.stringify(value)).toString('base64url');
const decode = (part: string): unknown => JSON.parse(Buffer.from(part, 'base64url').toString());

/** Written beside and renamed: a killed process leaves a whole key or none. */
function createKeyFile(file: string): void {
  const { privateKey } = generateKeyPairSync('rsa', { modulusLength: 2048 });
  writeFileSync(`${file}.new`, privateKey.export({ type: 'pkcs8', format: 'pem' }), { mode: 0o600, flush: true });
  renameSync(`${file}.new`, file);
}

function loadKey(file: string): SigningKey {
  try {
    const privateKey = createPrivateKey(readFileSync(file));
    const publicKey = createPublicKey(privateKey);
    const jwk = publicJwk.parse(publicKey.export({ format: 'jwk' }));
    const kid = createHash('sha256').update(jwk.n).digest('base64url');
    return { privateKey, publicKey, jwk: { ...jwk, kid, alg: 'RS256', use: 'sig' } };
  } catch (cause) {
    throw new Error(`${file} is damaged: not an RSA private key`, { cause });
  }
}

export type SigningKeys = ReturnType<typeof createSigningKeys>;

export function createSigningKeys(dir: string) {
  const folder = join(dir, 'signing-keys');
  mkdirSync(folder, { recursive: true, mode: 0o700 });
  const loaded = new Map<string, SigningKey>();
  const fileOf = (pool: string) => join(folder, `${pool}.pem`);
  const keyOf = (pool: string): SigningKey => {
    const key = loaded.get(pool) ?? loadKey(fileOf(pool));
    loaded.set(pool, key);
    return key;
  };
  return {
    /** Makes the pool's key at its first boot; throws an error that names the file if it can't be read. */
    ensure(pool: string): void {
      if (!existsSync(fileOf(pool))) createKeyFile(fileOf(pool));
      keyOf(pool);
    },
    jwk: (pool: string): Jwk => keyOf(pool).jwk,
    sign(pool: string, claims: Readonly<Record<string, unknown>>): string {
      const { jwk, privateKey } = keyOf(pool);
      const text = `${encode({ kid: jwk.kid, alg: jwk.alg })}.${encode(claims)}`;
      return `${text}.${sign('sha256', Buffer.from(text), privateKey).toString('base64url')}`;
    },
    /** The claims of a token that this pool signed; nothing of any other. */
    verify(pool: string, token: string): unknown {
      const [header, claims, signature, ...rest] = token.split('.');
      if (!header || !claims || !signature || rest.length > 0) return undefined;
      const bytes = Buffer.from(signature, 'base64url');
      return verify('sha256', Buffer.from(`${header}.${claims}`), keyOf(pool).publicKey, bytes)
        ? decode(claims)
        : undefined;
    },
  };
}
