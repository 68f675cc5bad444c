/**
 * Exports, until they are downloaded, and uploads, until they are imported: objects of one account under its own prefix, gone after
 * 30 days by themselves. No versions: what is deleted is gone at once. Encrypted by S3's own keys: an export is made to be
 * downloaded by whoever holds its address, which a key of ours wouldn't change; whose session may sign one, the account data role says.
 */
import { Duration } from 'aws-cdk-lib';
import { PolicyStatement, type Role } from 'aws-cdk-lib/aws-iam';
import { BlockPublicAccess, Bucket, BucketEncryption, HttpMethods, ObjectOwnership } from 'aws-cdk-lib/aws-s3';
import { Construct } from 'constructs';
import type { Settings } from '../settings.ts';
import { acknowledge } from './acknowledge.ts';
import { stateLifetime } from './lifetime.ts';

/** As cdk-nag writes the ARN of the bucket in another stack: by the name of the export. */
const NAG_ARN = 'Custodia-State:ExportsOutputFnGetAttArchivesBucketD5C337A9ArnF90225F4';

/** An export lives so long; S3 counts from the midnight after. */
const LIFE = Duration.days(30);
/** A job may live seven days. */
const UNFINISHED = Duration.days(8);

export class Archives extends Construct {
  readonly bucket: Bucket;

  constructor(scope: Construct, id: string, { settings }: { settings: Settings }) {
    super(scope, id);
    this.bucket = new Bucket(this, 'Bucket', {
      encryption: BucketEncryption.S3_MANAGED,
      blockPublicAccess: BlockPublicAccess.BLOCK_ALL,
      objectOwnership: ObjectOwnership.BUCKET_OWNER_ENFORCED,
      enforceSSL: true,
      lifecycleRules: [{ expiration: LIFE, abortIncompleteMultipartUploadAfter: UNFINISHED }],
      // Pages of typed origins may upload and download by the addresses that the API gave them.
      ...(settings.allowedOrigins.length > 0
        ? {
            cors: [
              {
                allowedOrigins: [...settings.allowedOrigins],
                allowedMethods: [HttpMethods.GET, HttpMethods.PUT],
                allowedHeaders: ['*'],
                exposedHeaders: ['ETag', 'Content-Range'],
              },
            ],
          }
        : {}),
      removalPolicy: stateLifetime(settings).removalPolicy,
    });
    acknowledge(this.bucket, {
      'AwsSolutions::AwsSolutions-S1':
        'Its names are ids of accounts: a log would record which of them export when. The account’s own audit trail has it.',
    });
  }

  /** Lets a role read, write and remove objects of such names, in one request or in parts. */
  allow(role: Role, names: string): void {
    role.addToPolicy(
      new PolicyStatement({
        actions: ['GetObject', 'PutObject', 'DeleteObject', 'AbortMultipartUpload', 'ListMultipartUploadParts'].map(
          (action) => `s3:${action}`,
        ),
        resources: [this.bucket.arnForObjects(names)],
      }),
    );
    acknowledge(role, {
      [`AwsSolutions::AwsSolutions-IAM5[Resource::${NAG_ARN}/${names.replace(/\$\{([^}]+)\}/g, '<$1>')}]`]:
        'Exports are made at run time: the pattern covers the names of one account’s.',
    });
  }
}
