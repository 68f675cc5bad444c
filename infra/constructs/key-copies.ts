/**
 * Second copies of the keyring's wrapped keys: whoever loses the table, or the master key, has lost nothing. Apart from both: a
 * bucket, encrypted by a KMS key of its own. No versions, for a destroyed key must stay destroyed; and an object is never
 * replaced, so that nobody can put another key in a key's place.
 *
 * The bucket has no S3 bucket key: so KMS is told which object it opens, and each right is held to names of objects twice, by S3
 * and by KMS. Keys are written and read too seldom for the price to matter.
 */
import { Aws } from 'aws-cdk-lib';
import { AnyPrincipal, Effect, PolicyStatement, type Role } from 'aws-cdk-lib/aws-iam';
import { Key } from 'aws-cdk-lib/aws-kms';
import { BlockPublicAccess, Bucket, BucketEncryption, ObjectOwnership } from 'aws-cdk-lib/aws-s3';
import { Construct } from 'constructs';
import type { Settings } from '../settings.ts';
import { acknowledge } from './acknowledge.ts';
import { stateLifetime } from './lifetime.ts';

/** As cdk-nag writes the ARN of the bucket in another stack: by the name of the export. */
const NAG_ARN = 'Custodia-State:ExportsOutputFnGetAttKeyCopiesBucket11C2A30FArn9FDCE478';

export class KeyCopies extends Construct {
  /** Wraps the second copy of each account's key, and encrypts the bucket. */
  readonly recoveryKey: Key;
  readonly bucket: Bucket;

  constructor(scope: Construct, id: string, { settings }: { settings: Settings }) {
    super(scope, id);
    const { removalPolicy } = stateLifetime(settings);
    this.recoveryKey = new Key(this, 'Key', {
      description: 'Custodia: wraps second copies of keys',
      enableKeyRotation: true,
      removalPolicy,
    });
    this.bucket = new Bucket(this, 'Bucket', {
      encryption: BucketEncryption.KMS,
      encryptionKey: this.recoveryKey,
      bucketKeyEnabled: false,
      blockPublicAccess: BlockPublicAccess.BLOCK_ALL,
      objectOwnership: ObjectOwnership.BUCKET_OWNER_ENFORCED,
      enforceSSL: true,
      removalPolicy,
    });
    this.bucket.addToResourcePolicy(
      new PolicyStatement({
        effect: Effect.DENY,
        principals: [new AnyPrincipal()],
        actions: ['s3:PutObject'],
        resources: [this.bucket.arnForObjects('*')],
        conditions: { Null: { 's3:if-none-match': 'true' } },
      }),
    );
    acknowledge(this.bucket, {
      'AwsSolutions::AwsSolutions-S1':
        'Its names are ids of accounts, products and devices: a log would record which of them live when.',
    });
  }

  /** Lets a role act on objects of such names, and S3 use the KMS key for them in its name. */
  allow(role: Role, names: string, ...actions: string[]): void {
    const objects = this.bucket.arnForObjects(names);
    role.addToPolicy(new PolicyStatement({ actions: actions.map((action) => `s3:${action}`), resources: [objects] }));
    role.addToPolicy(
      new PolicyStatement({
        actions: ['kms:Decrypt', 'kms:GenerateDataKey'],
        resources: [this.recoveryKey.keyArn],
        conditions: {
          StringEquals: { 'kms:ViaService': `s3.${Aws.REGION}.amazonaws.com` },
          StringLike: { 'kms:EncryptionContext:aws:s3:arn': objects },
        },
      }),
    );
    acknowledge(role, {
      [`AwsSolutions::AwsSolutions-IAM5[Resource::${NAG_ARN}/${names.replace(/\$\{([^}]+)\}/g, '<$1>')}]`]:
        'Keys are made at run time: the pattern covers the names of these.',
    });
  }

  /** Lets a role see which objects of such names there are. */
  allowListing(role: Role, names: string): void {
    role.addToPolicy(
      new PolicyStatement({
        actions: ['s3:ListBucket'],
        resources: [this.bucket.bucketArn],
        conditions: { StringLike: { 's3:prefix': names } },
      }),
    );
  }
}
