/**
 * Key material, kept in `keys.json` (mode 0600, written whole and renamed into place). Losing it loses every data key that it
 * wraps, so a file that can't be read stops the boot and is never replaced. Names, policies and states are not kept here:
 * the templates say them at each boot.
 */
import { generateKeyPairSync, randomBytes, randomUUID } from 'node:crypto';
import { closeSync, existsSync, fsyncSync, openSync, readFileSync, renameSync, writeSync } from 'node:fs';
import path from 'node:path';
import * as z from 'zod';
import type { Clock } from '../../contract.ts';
import { messageOf, Refusal } from '../../refusal.ts';

export const KEY_SPECS = ['SYMMETRIC_DEFAULT', 'ECC_NIST_P256'] as const;
export type KeySpec = (typeof KEY_SPECS)[number];

const keySchema = z.strictObject({
  keyId: z.uuid(),
  /** `{stack}/{logicalId}` of the template's resource: finds the key again at the next boot. */
  owner: z.string(),
  spec: z.enum(KEY_SPECS),
  /** 32 bytes, or PKCS #8 (DER) of an asymmetric key. */
  material: z.base64().transform((text): Buffer => Buffer.from(text, 'base64')),
  /** Epoch milliseconds. */
  createdAt: z.number(),
});
const fileSchema = z.strictObject({ version: z.literal(1), keys: z.array(keySchema) });
export type StoredKey = z.output<typeof keySchema>;

export interface KeyStore {
  /** The key of this resource; made and saved if there is none. */
  obtain(owner: string, spec: KeySpec): StoredKey;
}

export function openKeyStore(dir: string, clock: Clock): KeyStore {
  const file = path.join(dir, 'keys.json');
  const keys = existsSync(file) ? read(file) : [];
  return {
    obtain(owner, spec) {
      const found = keys.find((key) => key.owner === owner);
      if (found && found.spec !== spec)
        throw new Refusal(`The key ${owner} was made as ${found.spec} and can't become ${spec}: start with --fresh.`);
      if (found) return found;
      const made = { keyId: randomUUID(), owner, spec, material: newMaterial(spec), createdAt: clock.now() };
      write(file, [...keys, made]);
      keys.push(made);
      return made;
    },
  };
}

function newMaterial(spec: KeySpec): Buffer {
  if (spec === 'SYMMETRIC_DEFAULT') return randomBytes(32);
  return generateKeyPairSync('ec', { namedCurve: 'prime256v1' }).privateKey.export({ format: 'der', type: 'pkcs8' });
}

function read(file: string): StoredKey[] {
  try {
    return fileSchema.parse(JSON.parse(readFileSync(file, 'utf8'))).keys;
  } catch (cause) {
    const why = cause instanceof z.ZodError ? 'its content is not that of a key file' : messageOf(cause);
    throw new Refusal(`${file} can't be read (${why}). Restore it, or start with --fresh and lose what it encrypts.`);
  }
}

function write(file: string, keys: readonly StoredKey[]): void {
  const content = { version: 1, keys: keys.map((key) => ({ ...key, material: key.material.toString('base64') })) };
  const temporary = `${file}.${randomUUID()}.tmp`;
  const handle = openSync(temporary, 'wx', 0o600);
  try {
    writeSync(handle, JSON.stringify(content));
    fsyncSync(handle);
  } finally {
    closeSync(handle);
  }
  renameSync(temporary, file);
}
