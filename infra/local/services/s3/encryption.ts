/**
 * Encryption at rest as S3 tells and permits it: kept, reported, and demanded of the caller's rights on the KMS key. The files
 * themselves are not encrypted on a laptop.
 */
import type { Demand } from '../../contract.ts';
import { bucketArn, objectArn } from './bucket/buckets.ts';
import { invalidArgument, notServed } from './protocol/errors.ts';
import type { Headers } from './protocol/s3-request.ts';
import type { BucketRequest, S3 } from './s3-room.ts';
import type { Encryption } from './store.ts';

const ALGORITHM = 'x-amz-server-side-encryption';
const KEY = `${ALGORITHM}-aws-kms-key-id`;
const BUCKET_KEY = `${ALGORITHM}-bucket-key-enabled`;

/** What a new object gets: what its request says, or else its bucket's default. */
export function encryptionFor(s3: S3, { headers, bucket }: Pick<BucketRequest, 'headers' | 'bucket'>): Encryption {
  const algorithm = headers[ALGORITHM];
  const key = headers[KEY];
  const bucketKey = headers[BUCKET_KEY] === undefined ? bucket.encryption.bucketKey : headers[BUCKET_KEY] === 'true';
  if (algorithm === undefined) {
    if (key !== undefined) throw invalidArgument(`${KEY} wants ${ALGORITHM}: aws:kms`, KEY, key);
    return bucket.encryption;
  }
  if (algorithm === 'AES256') return { algorithm, bucketKey: false };
  if (algorithm !== 'aws:kms') throw notServed(`${ALGORITHM}: ${algorithm}`);
  // Without a key's name it is the bucket's own, or else AWS's, which every caller of the account may use.
  const keyArn = key === undefined ? bucket.encryption.keyArn : s3.keyArn(key);
  return { algorithm, bucketKey, ...(keyArn !== undefined && { keyArn }) };
}

export const encryptionHeaders = ({ algorithm, keyArn, bucketKey }: Encryption): Headers => ({
  [ALGORITHM]: algorithm,
  ...(keyArn !== undefined && { [KEY]: keyArn }),
  ...(bucketKey && { [BUCKET_KEY]: 'true' }),
});

/** The rights on the KMS key: `GenerateDataKey` to write an object, `Decrypt` to read it. S3 uses them in the caller's name. */
export function keyDemands(
  { region, account }: S3,
  actions: readonly ('GenerateDataKey' | 'Decrypt')[],
  { keyArn, bucketKey }: Encryption,
  { bucket, key }: { bucket: string; key: string },
): Demand[] {
  if (keyArn === undefined) return [];
  const context = {
    'kms:ViaService': `s3.${region}.amazonaws.com`,
    'kms:CallerAccount': account,
    'kms:EncryptionContext:aws:s3:arn': bucketKey ? bucketArn(bucket) : objectArn(bucket, key),
    'kms:EncryptionContextKeys': ['aws:s3:arn'],
  };
  return actions.map((action) => ({ action: `kms:${action}`, resource: keyArn, context }));
}
