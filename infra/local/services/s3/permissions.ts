/** What requests demand of their caller, with S3's condition keys. */
import type { Demand, Principal } from '../../contract.ts';
import { AwsError } from '../../contract.ts';
import { bucketArn, objectArn } from './bucket/buckets.ts';
import { accessDenied, noSuchKey } from './protocol/errors.ts';
import type { BucketRequest, S3 } from './s3-room.ts';

/** Headers whose condition key is `s3:` and their name. */
const HEADER_KEYS: readonly string[] = [
  'x-amz-acl',
  'x-amz-content-sha256',
  'x-amz-copy-source',
  'x-amz-metadata-directive',
  'x-amz-server-side-encryption',
  'x-amz-server-side-encryption-aws-kms-key-id',
  'x-amz-storage-class',
  'if-match',
  'if-none-match',
];

/** Parameters of a listing that are condition keys. Absent in the request means absent for the policy. */
const LIST_KEYS: readonly string[] = ['prefix', 'delimiter', 'max-keys'];

export const onObject = (s3: S3, request: BucketRequest, action: string): Demand => ({
  action: `s3:${action}`,
  resource: objectArn(request.bucket.name, request.key),
  context: requestKeys(s3, request),
});

export const onBucket = (s3: S3, request: BucketRequest, action: string): Demand => ({
  action: `s3:${action}`,
  resource: request.bucket.arn,
  context: {
    ...requestKeys(s3, request),
    ...Object.fromEntries(LIST_KEYS.map((name) => [`s3:${name}`, request.query.get(name) ?? undefined])),
  },
});

/** Whatever the request says of a write (its ACL, its encryption) says nothing of the reading that a copy also does. */
export const onSource = (s3: S3, request: BucketRequest, source: { bucket: string; key: string }): Demand => ({
  action: 's3:GetObject',
  resource: objectArn(source.bucket, source.key),
  context: connectionKeys(s3, request),
});

function requestKeys(s3: S3, request: BucketRequest): Demand['context'] {
  const fromHeaders = HEADER_KEYS.map((name) => [`s3:${name}`, request.headers[name]] as const);
  return { ...connectionKeys(s3, request), ...Object.fromEntries(fromHeaders) };
}

function connectionKeys({ account, clock }: S3, { presigned, query, headers }: BucketRequest): Demand['context'] {
  const signed = (presigned ? query.get('X-Amz-Date') : headers['x-amz-date']) ?? '';
  const at = Date.parse(signed.replace(/^(\d{4})(\d\d)(\d\d)T(\d\d)(\d\d)(\d\d)Z$/, '$1-$2-$3T$4:$5:$6Z'));
  return {
    's3:authType': presigned ? 'REST-QUERY-STRING' : 'REST-HEADER',
    's3:signatureversion': 'AWS4-HMAC-SHA256',
    's3:signatureAge': Number.isNaN(at) ? undefined : String(Math.max(0, clock.now() - at)),
    's3:ResourceAccount': account,
    // As aws:SecureTransport: on AWS these calls are HTTPS, and policies that demand it must not fail here.
    's3:TlsVersion': '1.3',
  };
}

/** S3 tells only those who may list a bucket that a key isn't there; others can't tell it from one that they may not read. */
export function missing(
  s3: S3,
  principal: Principal,
  request: BucketRequest,
  where: { bucket: string; key: string },
): AwsError {
  const demand = { action: 's3:ListBucket', resource: bucketArn(where.bucket), context: connectionKeys(s3, request) };
  try {
    s3.authority.authorize(principal, [demand]);
    return noSuchKey(where.key);
  } catch (error) {
    if (!(error instanceof AwsError)) throw error;
    return accessDenied(error.message);
  }
}
