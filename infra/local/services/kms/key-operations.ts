/** What a key tells of itself, and signatures. */
import type { KeyObject } from 'node:crypto';
import { createHash, createPrivateKey, createPublicKey } from 'node:crypto';
import * as z from 'zod';
import { signDigest } from './ecdsa.ts';
import type { Keys, KmsKey } from './keys.ts';
import { blob, demand, keyName, read, requireUsable, usageOf } from './request.ts';
import type { KmsOperation } from './symmetric-operations.ts';

const keyRequest = z.strictObject({ KeyId: keyName });

export function describeKey(input: unknown, keys: Keys): KmsOperation {
  const found = keys.find(read(keyRequest, input).KeyId);
  return { demands: [demand('DescribeKey', found, keys)], run: () => ({ KeyMetadata: metadata(found.key) }) };
}

function metadata(key: KmsKey): Record<string, unknown> {
  return {
    AWSAccountId: key.arn.split(':')[4],
    KeyId: key.keyId,
    Arn: key.arn,
    CreationDate: key.createdAt / 1000,
    Description: key.description,
    Enabled: key.enabled,
    KeyState: key.enabled ? 'Enabled' : 'Disabled',
    KeyUsage: usageOf(key),
    KeySpec: key.spec,
    CustomerMasterKeySpec: key.spec,
    ...(usageOf(key) === 'SIGN_VERIFY'
      ? { SigningAlgorithms: ['ECDSA_SHA_256'] }
      : { EncryptionAlgorithms: ['SYMMETRIC_DEFAULT'] }),
    KeyManager: 'CUSTOMER',
    Origin: 'AWS_KMS',
    MultiRegion: false,
  };
}

export function getPublicKey(input: unknown, keys: Keys): KmsOperation {
  const found = keys.find(read(keyRequest, input).KeyId);
  return {
    demands: [demand('GetPublicKey', found, keys)],
    run() {
      requireUsable(found.key, 'SIGN_VERIFY', 'GetPublicKey');
      return {
        KeyId: found.key.arn,
        PublicKey: createPublicKey(privateKey(found.key)).export({ format: 'der', type: 'spki' }).toString('base64'),
        KeySpec: found.key.spec,
        CustomerMasterKeySpec: found.key.spec,
        KeyUsage: 'SIGN_VERIFY',
        SigningAlgorithms: ['ECDSA_SHA_256'],
      };
    },
  };
}

const signRequest = z
  .strictObject({
    KeyId: keyName,
    Message: blob(1, 4096),
    MessageType: z.enum(['RAW', 'DIGEST']).default('RAW'),
    SigningAlgorithm: z.literal('ECDSA_SHA_256'),
  })
  .refine(
    (r) => r.MessageType === 'RAW' || r.Message.length === 32,
    'Digest is invalid length for algorithm ECDSA_SHA_256.',
  );

export function sign(input: unknown, keys: Keys): KmsOperation {
  const { KeyId, Message, MessageType, SigningAlgorithm } = read(signRequest, input);
  const found = keys.find(KeyId);
  const conditions = { 'kms:SigningAlgorithm': SigningAlgorithm, 'kms:MessageType': MessageType };
  return {
    demands: [demand('Sign', found, keys, { conditions })],
    run() {
      requireUsable(found.key, 'SIGN_VERIFY', 'Sign');
      const digest = MessageType === 'DIGEST' ? Message : createHash('sha256').update(Message).digest();
      const Signature = signDigest(privateKey(found.key), digest).toString('base64');
      return { KeyId: found.key.arn, Signature, SigningAlgorithm };
    },
  };
}

const privateKey = ({ material }: KmsKey): KeyObject =>
  createPrivateKey({ key: material, format: 'der', type: 'pkcs8' });
