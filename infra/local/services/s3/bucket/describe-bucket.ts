/** What a bucket tells of itself: its settings, as the template gave them. Nothing of it can be changed by a call. */
import { AwsError, type AwsResponse } from '../../../contract.ts';
import { onBucket } from '../permissions.ts';
import { type Members, xmlResponse } from '../protocol/xml.ts';
import type { Planner } from '../s3-room.ts';
import type { Bucket } from './buckets.ts';
import type { LifecycleRule } from './lifecycle.ts';

export const headBucket: Planner = (s3, request) => ({
  demands: [onBucket(s3, request, 'ListBucket')],
  run: (): AwsResponse => ({ status: 200, headers: { 'x-amz-bucket-region': s3.region } }),
});

const describe =
  (action: string, root: string, members: (bucket: Bucket) => Members): Planner =>
  (s3, request) => ({
    demands: [onBucket(s3, request, action)],
    run: () => xmlResponse(root, members(request.bucket)),
  });

export const getVersioning = describe('GetBucketVersioning', 'VersioningConfiguration', ({ versioning }) => ({
  Status: versioning,
}));

export const getEncryption = describe(
  'GetEncryptionConfiguration',
  'ServerSideEncryptionConfiguration',
  ({ encryption: { algorithm, keyArn, bucketKey } }) => ({
    Rule: {
      ApplyServerSideEncryptionByDefault: { SSEAlgorithm: algorithm, KMSMasterKeyID: keyArn },
      BucketKeyEnabled: bucketKey,
    },
  }),
);

export const getPublicAccessBlock = describe(
  'GetBucketPublicAccessBlock',
  'PublicAccessBlockConfiguration',
  ({ publicAccess }) => ({ ...publicAccess }),
);

export const getLifecycle = describe('GetLifecycleConfiguration', 'LifecycleConfiguration', ({ lifecycle }) => {
  if (lifecycle.length === 0)
    throw new AwsError('NoSuchLifecycleConfiguration', 'The lifecycle configuration does not exist', 404);
  return { Rule: lifecycle.map(lifecycleRule) };
});

const lifecycleRule = (rule: LifecycleRule): Members => ({
  ID: rule.Id,
  Filter: { Prefix: rule.Prefix },
  Status: rule.Status,
  Expiration: rule.ExpirationInDays ? { Days: rule.ExpirationInDays } : undefined,
  AbortIncompleteMultipartUpload: rule.AbortIncompleteMultipartUpload && {
    DaysAfterInitiation: rule.AbortIncompleteMultipartUpload.DaysAfterInitiation,
  },
});

export const getPolicy: Planner = (s3, request) => ({
  demands: [onBucket(s3, request, 'GetBucketPolicy')],
  run(): AwsResponse {
    const policy = s3.buckets.policyOf(request.bucket.name);
    if (!policy) throw new AwsError('NoSuchBucketPolicy', 'The bucket policy does not exist', 404);
    return { status: 200, headers: { 'content-type': 'application/json' }, body: JSON.stringify(policy) };
  },
});
