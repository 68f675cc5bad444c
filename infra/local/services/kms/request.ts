/** Pieces that KMS requests share: how they are read, and what a demand says of them. */
import * as z from 'zod';
import type { Demand } from '../../contract.ts';
import { AwsError } from '../../contract.ts';
import type { EncryptionContext } from './ciphertext.ts';
import type { FoundKey, Keys, KmsKey } from './keys.ts';

export const keyName = z.string().min(1).max(2048);

export const blob = (minimum: number, maximum: number) =>
  z
    .base64()
    .transform((text) => Buffer.from(text, 'base64'))
    .refine(({ length }) => length >= minimum && length <= maximum, `wants ${minimum} to ${maximum} bytes`);

export const encryptionContext = z
  .unknown()
  // zod leaves this one name out of records: it would be missing from what is authenticated.
  .refine((value) => !(value instanceof Object && Object.hasOwn(value, '__proto__')), 'unusable key')
  .pipe(z.record(z.string().min(1), z.string()))
  .default({});

export const symmetric = z.literal('SYMMETRIC_DEFAULT').optional();

export function read<T>(schema: z.ZodType<T>, input: unknown): T {
  const parsed = schema.safeParse(input);
  if (!parsed.success) throw new AwsError('ValidationException', z.prettifyError(parsed.error));
  return parsed.data;
}

/** `kms:ViaService` is never there: no service of the laptop calls KMS on somebody's behalf. */
export function demand(
  action: string,
  { key, alias }: FoundKey,
  keys: Keys,
  further: { context?: EncryptionContext; conditions?: Readonly<Record<string, string>> } = {},
): Demand {
  const pairs = Object.entries(further.context ?? {});
  return {
    action: `kms:${action}`,
    resource: key.arn,
    context: {
      'kms:CallerAccount': key.arn.split(':')[4],
      'kms:KeySpec': key.spec,
      'kms:KeyUsage': usageOf(key),
      'kms:RequestAlias': alias,
      'kms:ResourceAliases': keys.aliasesOf(key),
      'kms:EncryptionContextKeys': pairs.map(([name]) => name),
      ...further.conditions,
      ...Object.fromEntries(pairs.map(([name, value]) => [`kms:EncryptionContext:${name}`, value])),
    },
  };
}

export const usageOf = ({ spec }: Pick<KmsKey, 'spec'>): 'ENCRYPT_DECRYPT' | 'SIGN_VERIFY' =>
  spec === 'SYMMETRIC_DEFAULT' ? 'ENCRYPT_DECRYPT' : 'SIGN_VERIFY';

/** Checked after the caller was authorized: AWS doesn't tell others in what state a key is. */
export function requireUsable(key: KmsKey, usage: ReturnType<typeof usageOf>, action: string): void {
  if (!key.enabled) throw new AwsError('DisabledException', `${key.arn} is disabled.`);
  if (usageOf(key) !== usage)
    throw new AwsError(
      'InvalidKeyUsageException',
      `${key.arn} key usage is ${usageOf(key)} which is not valid for ${action}.`,
    );
}
