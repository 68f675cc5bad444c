/** `AWS::S3::Bucket` and `AWS::S3::BucketPolicy`. */
import { createHash } from 'node:crypto';
import * as z from 'zod';
import type { PolicyDocument, PolicyStatement, Resource, ResourceProvider } from '../../../contract.ts';
import { compilePolicy } from '../../../front-door/iam/policy.ts';
import type { S3 } from '../s3-room.ts';
import type { Encryption } from '../store.ts';
import { type Bucket, bucketArn } from './buckets.ts';
import { corsSchema } from './cors-rules.ts';
import { lifecycleSchema } from './lifecycle.ts';

const NAME = /^(?!xn--|\d+\.\d+\.\d+\.\d+$)[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]$/;
const MAX_NAME = 63;

const flag = z.stringbool().or(z.boolean()).default(false);
const encryptionSchema = z.strictObject({
  ServerSideEncryptionConfiguration: z.tuple([
    z.strictObject({
      BucketKeyEnabled: flag,
      ServerSideEncryptionByDefault: z.strictObject({
        SSEAlgorithm: z.enum(['AES256', 'aws:kms']),
        KMSMasterKeyID: z.string().optional(),
      }),
    }),
  ]),
});
const bucketSchema = z.looseObject({
  BucketName: z.string().regex(NAME).optional(),
  BucketEncryption: encryptionSchema.optional(),
  PublicAccessBlockConfiguration: z
    .strictObject({
      BlockPublicAcls: flag,
      IgnorePublicAcls: flag,
      BlockPublicPolicy: flag,
      RestrictPublicBuckets: flag,
    })
    .optional(),
  LifecycleConfiguration: lifecycleSchema.optional(),
  CorsConfiguration: corsSchema.optional(),
  VersioningConfiguration: z
    .strictObject({ Status: z.literal('Suspended', "the laptop's S3 keeps no versions: only Suspended is accepted") })
    .optional(),
  OwnershipControls: z
    .strictObject({ Rules: z.array(z.strictObject({ ObjectOwnership: z.literal('BucketOwnerEnforced') })) })
    .optional(),
});

export const bucketProvider = (s3: S3): ResourceProvider => ({
  type: 'AWS::S3::Bucket',
  honoured: {
    BucketName: 'the name; by default it is made of the stack’s and the logical id',
    BucketEncryption: 'kept and reported, and rights on the KMS key are demanded; the files are not encrypted',
    PublicAccessBlockConfiguration: 'kept and reported; BlockPublicPolicy refuses a public policy at boot',
    LifecycleConfiguration:
      'expiry by days, prefix and size, and of unfinished uploads, by the host’s clock; others end the boot',
    CorsConfiguration: 'preflights are answered, and headers set',
    VersioningConfiguration: 'only Suspended is accepted',
    OwnershipControls: 'only BucketOwnerEnforced is accepted, which is the default: there are no ACLs',
  },
  ignored: {
    LoggingConfiguration: 'access logs are for audits; the laptop has one user',
    Tags: 'no tag of a bucket decides anything',
  },
  async create(resource) {
    const { data, error } = bucketSchema.safeParse(resource.properties);
    if (!data) throw new Error(z.prettifyError(error));
    const name = data.BucketName ?? physicalName(resource);
    const none = {
      BlockPublicAcls: true,
      IgnorePublicAcls: true,
      BlockPublicPolicy: true,
      RestrictPublicBuckets: true,
    };
    const bucket: Bucket = {
      name,
      arn: bucketArn(name),
      encryption: encryptionOf(s3, data.BucketEncryption),
      versioning: data.VersioningConfiguration?.Status,
      // Of a bucket whose template says nothing, AWS blocks it all.
      publicAccess: data.PublicAccessBlockConfiguration ?? none,
      lifecycle: data.LifecycleConfiguration?.Rules ?? [],
      cors: data.CorsConfiguration?.CorsRules ?? [],
    };
    s3.buckets.put(bucket);
    return {
      ref: name,
      attributes: {
        Arn: bucket.arn,
        DomainName: `${name}.s3.amazonaws.com`,
        RegionalDomainName: `${name}.s3.${s3.region}.amazonaws.com`,
      },
    };
  },
});

/** The same at every boot; a name that is too long ends in a hash of the whole. */
function physicalName({ stack, logicalId }: Resource): string {
  const name = `${stack}-${logicalId}`.toLowerCase().replace(/[^a-z0-9-]+/g, '-');
  if (name.length <= MAX_NAME) return name;
  const hash = createHash('sha256').update(name).digest('hex').slice(0, 8);
  return `${name.slice(0, MAX_NAME - hash.length - 1)}-${hash}`;
}

function encryptionOf(s3: S3, setting: z.output<typeof encryptionSchema> | undefined): Encryption {
  const [rule] = setting?.ServerSideEncryptionConfiguration ?? [];
  const { SSEAlgorithm: algorithm = 'AES256', KMSMasterKeyID: key } = rule?.ServerSideEncryptionByDefault ?? {};
  if (key !== undefined && algorithm !== 'aws:kms') throw new Error('KMSMasterKeyID wants SSEAlgorithm aws:kms');
  return {
    algorithm,
    bucketKey: rule?.BucketKeyEnabled ?? false,
    ...(key !== undefined && { keyArn: s3.keyArn(key) }),
  };
}

const policySchema = z.object({ Bucket: z.string(), PolicyDocument: z.custom<PolicyDocument>() });

export const bucketPolicyProvider = ({ buckets }: S3): ResourceProvider => ({
  type: 'AWS::S3::BucketPolicy',
  honoured: { Bucket: 'the bucket', PolicyDocument: 'judged with the caller’s own policies' },
  ignored: {},
  async create({ stack, logicalId, properties }) {
    const { Bucket: name, PolicyDocument: policy } = policySchema.parse(properties);
    compilePolicy(policy, 'resource');
    const bucket = buckets.get(name);
    if (!bucket) throw new Error(`there is no bucket ${name}`);
    const statements = [policy.Statement].flat();
    const foreign = statements
      .flatMap(({ Resource = [], NotResource = [] }) => [Resource, NotResource].flat())
      .find(
        (resource) =>
          resource !== bucket.arn && !resource.startsWith(`${bucket.arn}/`) && resource !== `${bucket.arn}*`,
      );
    if (foreign !== undefined) throw new Error(`Policy has invalid resource ${foreign}`);
    if (bucket.publicAccess.BlockPublicPolicy && statements.some(isPublic))
      throw new Error(`the policy makes ${name} public, which its PublicAccessBlockConfiguration forbids`);
    buckets.putPolicy(name, policy);
    return { ref: `${stack}-${logicalId}`, attributes: {} };
  },
});

/** Everybody is allowed, on no condition. */
const isPublic = ({ Effect, Principal, Condition = {} }: PolicyStatement): boolean =>
  Effect === 'Allow' &&
  Object.keys(Condition).length === 0 &&
  (Principal === '*' || [Principal?.AWS ?? []].flat().includes('*'));
