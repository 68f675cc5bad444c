import { randomBytes } from 'node:crypto';
import * as z from 'zod';
import type { Demand } from '../../contract.ts';
import { AwsError } from '../../contract.ts';
import type { EncryptionContext } from './ciphertext.ts';
import { invalidCiphertext, keyIdOf, open, seal } from './ciphertext.ts';
import type { FoundKey, Keys } from './keys.ts';
import { blob, demand, encryptionContext, keyName, read, requireUsable, symmetric } from './request.ts';

/** What an operation needs, and what it answers once it may. */
export interface KmsOperation {
  readonly demands: readonly Demand[];
  run(): Readonly<Record<string, unknown>>;
}

const PLAINTEXT = blob(1, 4096);
const CIPHERTEXT = blob(1, 6144);
const BYTES_OF = { AES_128: 16, AES_256: 32 } as const;
const ALGORITHM = { 'kms:EncryptionAlgorithm': 'SYMMETRIC_DEFAULT' };

const dataKeyRequest = z
  .strictObject({
    KeyId: keyName,
    EncryptionContext: encryptionContext,
    KeySpec: z.enum(['AES_128', 'AES_256']).optional(),
    NumberOfBytes: z.int().min(1).max(1024).optional(),
  })
  .refine(
    (r) => (r.KeySpec === undefined) !== (r.NumberOfBytes === undefined),
    'wants either KeySpec or NumberOfBytes',
  );

export const generateDataKey =
  ({ plaintext }: { plaintext: boolean }) =>
  (input: unknown, keys: Keys): KmsOperation => {
    const action = plaintext ? 'GenerateDataKey' : 'GenerateDataKeyWithoutPlaintext';
    const request = read(dataKeyRequest, input);
    const found = keys.find(request.KeyId);
    const context = request.EncryptionContext;
    return {
      demands: [demand(action, found, keys, { context, conditions: ALGORITHM })],
      run() {
        requireUsable(found.key, 'ENCRYPT_DECRYPT', action);
        const dataKey = randomBytes(request.KeySpec ? BYTES_OF[request.KeySpec] : (request.NumberOfBytes ?? 0));
        const CiphertextBlob = seal(found.key, dataKey, context).toString('base64');
        return { KeyId: found.key.arn, CiphertextBlob, ...(plaintext && { Plaintext: dataKey.toString('base64') }) };
      },
    };
  };

const encryptRequest = z.strictObject({
  KeyId: keyName,
  Plaintext: PLAINTEXT,
  EncryptionContext: encryptionContext,
  EncryptionAlgorithm: symmetric,
});

export function encrypt(input: unknown, keys: Keys): KmsOperation {
  const { KeyId, Plaintext, EncryptionContext: context } = read(encryptRequest, input);
  const found = keys.find(KeyId);
  return {
    demands: [demand('Encrypt', found, keys, { context, conditions: ALGORITHM })],
    run() {
      requireUsable(found.key, 'ENCRYPT_DECRYPT', 'Encrypt');
      const CiphertextBlob = seal(found.key, Plaintext, context).toString('base64');
      return { KeyId: found.key.arn, CiphertextBlob, EncryptionAlgorithm: 'SYMMETRIC_DEFAULT' };
    },
  };
}

const decryptRequest = z.strictObject({
  CiphertextBlob: CIPHERTEXT,
  KeyId: keyName.optional(),
  EncryptionContext: encryptionContext,
  EncryptionAlgorithm: symmetric,
});

export function decrypt(input: unknown, keys: Keys): KmsOperation {
  const { CiphertextBlob, KeyId, EncryptionContext: context } = read(decryptRequest, input);
  const found = keyOfBlob(CiphertextBlob, KeyId, keys);
  return {
    demands: [demand('Decrypt', found, keys, { context, conditions: ALGORITHM })],
    run() {
      const Plaintext = unseal(found, CiphertextBlob, context, 'Decrypt').toString('base64');
      return { KeyId: found.key.arn, Plaintext, EncryptionAlgorithm: 'SYMMETRIC_DEFAULT' };
    },
  };
}

const reEncryptRequest = z.strictObject({
  CiphertextBlob: CIPHERTEXT,
  SourceKeyId: keyName.optional(),
  SourceEncryptionContext: encryptionContext,
  SourceEncryptionAlgorithm: symmetric,
  DestinationKeyId: keyName,
  DestinationEncryptionContext: encryptionContext,
  DestinationEncryptionAlgorithm: symmetric,
});

export function reEncrypt(input: unknown, keys: Keys): KmsOperation {
  const request = read(reEncryptRequest, input);
  const { CiphertextBlob, SourceEncryptionContext: from, DestinationEncryptionContext: to } = request;
  const source = keyOfBlob(CiphertextBlob, request.SourceKeyId, keys);
  const target = keys.find(request.DestinationKeyId);
  const conditions = { ...ALGORITHM, 'kms:ReEncryptOnSameKey': String(source.key === target.key) };
  return {
    demands: [
      demand('ReEncryptFrom', source, keys, { context: from, conditions }),
      demand('ReEncryptTo', target, keys, { context: to, conditions }),
    ],
    run() {
      const plaintext = unseal(source, CiphertextBlob, from, 'ReEncrypt');
      requireUsable(target.key, 'ENCRYPT_DECRYPT', 'ReEncrypt');
      return {
        CiphertextBlob: seal(target.key, plaintext, to).toString('base64'),
        SourceKeyId: source.key.arn,
        KeyId: target.key.arn,
        SourceEncryptionAlgorithm: 'SYMMETRIC_DEFAULT',
        DestinationEncryptionAlgorithm: 'SYMMETRIC_DEFAULT',
      };
    },
  };
}

/** The blob names its key; a key that the request names too must be the same one. */
function keyOfBlob(ciphertext: Buffer, name: string | undefined, keys: Keys): FoundKey {
  const named = name === undefined ? undefined : keys.find(name);
  const key = keys.byId(keyIdOf(ciphertext));
  if (!key) throw invalidCiphertext();
  if (named && named.key !== key)
    throw new AwsError(
      'IncorrectKeyException',
      'The key ID in the request does not identify a key that can decrypt it.',
    );
  return named ?? { key };
}

function unseal(found: FoundKey, ciphertext: Buffer, context: EncryptionContext, action: string): Buffer {
  requireUsable(found.key, 'ENCRYPT_DECRYPT', action);
  return open(found.key, ciphertext, context);
}
