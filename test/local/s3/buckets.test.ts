/** What templates say of buckets: encryption, policies, lifecycle, names; and what they may not say. */
import {
  CreateMultipartUploadCommand,
  GetBucketEncryptionCommand,
  GetBucketLifecycleConfigurationCommand,
  GetBucketPolicyCommand,
  GetBucketVersioningCommand,
  GetObjectCommand,
  GetPublicAccessBlockCommand,
  HeadBucketCommand,
  HeadObjectCommand,
  ListMultipartUploadsCommand,
  ListObjectsV2Command,
  PutObjectCommand,
  type S3Client,
  UploadPartCommand,
} from '@aws-sdk/client-s3';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { PolicyDocument } from '../../../infra/local/contract.ts';
import { allow } from '../front-door/door.ts';
import { openS3Door, type S3Door } from './s3-door.ts';

let door: S3Door;
let client: S3Client;
beforeAll(async () => {
  door = await openS3Door();
  client = door.client('Owner');
});
afterAll(() => door.close());

const put = (Bucket: string, Key = 'k', more: object = {}, by = client) =>
  by.send(new PutObjectCommand({ Bucket, Key, Body: 'x', ...more }));
const denied = { name: 'AccessDenied', $metadata: { httpStatusCode: 403 } };

describe('a bucket', () => {
  it('has a name made of its stack’s and its logical id, and keeps it', async () => {
    const made = await door.create('Bucket', {}, 'KeyCopies1A2B');
    expect(made).toEqual(await door.create('Bucket', {}, 'KeyCopies1A2B'));
    expect(made).toMatchObject({
      ref: 'test-state-keycopies1a2b',
      attributes: {
        Arn: 'arn:aws:s3:::test-state-keycopies1a2b',
        RegionalDomainName: 'test-state-keycopies1a2b.s3.eu-central-1.amazonaws.com',
      },
    });
    const long = [await door.create('Bucket', {}, 'x'.repeat(90)), await door.create('Bucket', {}, 'x'.repeat(91))];
    expect(new Set(long.map(({ ref }) => ref)).size).toBe(2);
    for (const { ref } of long) expect(ref).toMatch(/^[a-z0-9-]{3,63}$/);
    await client.send(new HeadBucketCommand({ Bucket: made.ref }));
  });

  it('tells its settings', async () => {
    const { ref: Bucket } = await door.create('Bucket', { VersioningConfiguration: { Status: 'Suspended' } }, 'Told');
    expect((await client.send(new GetBucketVersioningCommand({ Bucket }))).Status).toBe('Suspended');
    const { PublicAccessBlockConfiguration } = await client.send(new GetPublicAccessBlockCommand({ Bucket }));
    expect(PublicAccessBlockConfiguration).toMatchObject({ BlockPublicAcls: true, RestrictPublicBuckets: true });
    const { ServerSideEncryptionConfiguration: sse } = await client.send(new GetBucketEncryptionCommand({ Bucket }));
    expect(sse?.Rules?.[0]?.ApplyServerSideEncryptionByDefault).toEqual({ SSEAlgorithm: 'AES256' });
    await expect(client.send(new GetBucketPolicyCommand({ Bucket }))).rejects.toMatchObject({
      name: 'NoSuchBucketPolicy',
    });
  });

  it.each<[string, Record<string, unknown>]>([
    ['versions', { VersioningConfiguration: { Status: 'Enabled' } }],
    ['ACLs', { OwnershipControls: { Rules: [{ ObjectOwnership: 'ObjectWriter' }] } }],
    ['transitions', { LifecycleConfiguration: { Rules: [{ Status: 'Enabled', Transitions: [] }] } }],
    [
      'expiry by tag',
      { LifecycleConfiguration: { Rules: [{ Status: 'Enabled', ExpirationInDays: 1, TagFilters: [] }] } },
    ],
    ['a key of nobody', { BucketEncryption: encryption({ SSEAlgorithm: 'aws:kms', KMSMasterKeyID: 'alias/none' }) }],
    ['double encryption', { BucketEncryption: encryption({ SSEAlgorithm: 'aws:kms:dsse' }) }],
    ['a name that S3 refuses', { BucketName: 'Capital_Letters' }],
  ])('with %s can not be made', async (_, properties) => {
    await expect(door.create('Bucket', properties, 'Refused')).rejects.toThrow();
  });
});

describe('encryption by a key of one’s own', () => {
  const keyPolicy: PolicyDocument = {
    Version: '2012-10-17',
    Statement: [{ Effect: 'Allow', Principal: { AWS: '123456789012' }, Action: 'kms:*', Resource: '*' }],
  };
  let Bucket: string;
  let keyArn: string;
  beforeAll(async () => {
    const owner = 'Test/Key';
    const key = door.kms.keys.put({
      owner,
      spec: 'SYMMETRIC_DEFAULT',
      description: '',
      enabled: true,
      policy: keyPolicy,
    });
    keyArn = key.arn;
    const BucketEncryption = encryption({ SSEAlgorithm: 'aws:kms', KMSMasterKeyID: key.keyId }, true);
    Bucket = (await door.create('Bucket', { BucketEncryption }, 'Encrypted')).ref;
  });

  it('is told, and its ETag is no MD5', async () => {
    const told = { ServerSideEncryption: 'aws:kms', SSEKMSKeyId: keyArn, BucketKeyEnabled: true };
    const [one, two] = [await put(Bucket), await put(Bucket)];
    expect(one).toMatchObject(told);
    expect(two.ETag).not.toBe(one.ETag);
    expect(await client.send(new HeadObjectCommand({ Bucket, Key: 'k' }))).toMatchObject({ ...told, ETag: two.ETag });
    expect(await put(Bucket, 'own', { ServerSideEncryption: 'AES256' })).toMatchObject({
      ServerSideEncryption: 'AES256',
    });
  });

  it('takes rights on the key, in the context of the bucket', async () => {
    const s3 = allow({ Action: 's3:*', Resource: '*' });
    const kms = (Action: string, arn: string) =>
      allow({
        Action,
        Resource: keyArn,
        Condition: {
          StringEquals: { 'kms:EncryptionContext:aws:s3:arn': arn, 'kms:ViaService': 's3.eu-central-1.amazonaws.com' },
        },
      });
    const own = `arn:aws:s3:::${Bucket}`;
    const without = door.client('Without', [s3]);
    const writer = door.client('Writer', [s3, kms('kms:GenerateDataKey', own)]);
    const reader = door.client('Reader', [s3, kms('kms:Decrypt', own)]);
    const elsewhere = door.client('Elsewhere', [s3, kms('kms:*', `${own}-other`)]);
    const get = (by: S3Client) => by.send(new GetObjectCommand({ Bucket, Key: 'k' }));
    for (const refused of [without, reader, elsewhere])
      await expect(put(Bucket, 'k', {}, refused)).rejects.toMatchObject(denied);
    await put(Bucket, 'k', {}, writer);
    for (const refused of [without, writer, elsewhere]) await expect(get(refused)).rejects.toMatchObject(denied);
    expect(await (await get(reader)).Body?.transformToString()).toBe('x');
    await without.send(new HeadObjectCommand({ Bucket, Key: 'k' }));
    const start = new CreateMultipartUploadCommand({ Bucket, Key: 'k' });
    await expect(writer.send(start)).rejects.toMatchObject(denied);
    const { UploadId } = await client.send(start);
    const part = { Bucket, Key: 'k', UploadId, PartNumber: 1, Body: 'x' };
    await expect(without.send(new UploadPartCommand(part))).rejects.toMatchObject(denied);
    await client.send(new UploadPartCommand(part));
  });
});

describe('a bucket policy', () => {
  const policy = (arn: unknown, statement: object): PolicyDocument => ({
    Version: '2012-10-17',
    Statement: [
      { Effect: 'Deny', Principal: { AWS: '*' }, Action: 's3:*', Resource: [`${arn}`, `${arn}/*`], ...statement },
    ],
  });

  it('that denies calls without TLS leaves the laptop’s alone; one that denies uploads without encryption counts', async () => {
    const { ref: Bucket, attributes } = await door.create('Bucket', {}, 'Policed');
    const enforce = {
      Condition: { Bool: { 'aws:SecureTransport': 'false' }, NumericLessThan: { 's3:TlsVersion': 1.2 } },
    };
    await door.create('BucketPolicy', { Bucket, PolicyDocument: policy(attributes.Arn, enforce) }, 'P');
    await put(Bucket);
    const { Policy } = await client.send(new GetBucketPolicyCommand({ Bucket }));
    expect(JSON.parse(Policy ?? '')).toEqual(policy(attributes.Arn, enforce));
    const wants = { Action: 's3:PutObject', Condition: { Null: { 's3:x-amz-server-side-encryption': true } } };
    await door.create('BucketPolicy', { Bucket, PolicyDocument: policy(attributes.Arn, wants) }, 'P');
    await expect(put(Bucket)).rejects.toMatchObject(denied);
    await put(Bucket, 'k', { ServerSideEncryption: 'AES256' });
  });

  it('lets in whom it names', async () => {
    const { ref: Bucket, attributes } = await door.create('Bucket', {}, 'Shared');
    const guest = door.client('Guest', []);
    await expect(put(Bucket, 'k', {}, guest)).rejects.toMatchObject(denied);
    const Principal = { AWS: 'arn:aws:iam::123456789012:role/Guest' };
    const PolicyDocument = policy(attributes.Arn, { Effect: 'Allow', Principal });
    await door.create('BucketPolicy', { Bucket, PolicyDocument }, 'P');
    await put(Bucket, 'k', {}, guest);
  });

  it('can not make it public, nor speak of other buckets or of nobody’s', async () => {
    const { ref: Bucket, attributes } = await door.create('Bucket', {}, 'Private');
    const make = (PolicyDocument: PolicyDocument, of = Bucket) =>
      door.create('BucketPolicy', { Bucket: of, PolicyDocument }, 'P');
    await expect(make(policy(attributes.Arn, { Effect: 'Allow', Principal: '*' }))).rejects.toThrow(/public/);
    await expect(make(policy('arn:aws:s3:::other', {}))).rejects.toThrow(/invalid resource/);
    await expect(make(policy(attributes.Arn, {}), 'nobodys')).rejects.toThrow(/no bucket/);
    await expect(make(policy(attributes.Arn, { Action: undefined }))).rejects.toThrow(/malformed/);
  });
});

describe('lifecycle', () => {
  it('removes what a rule lets expire, and unfinished uploads, by the host’s clock', async () => {
    const Rules = [
      { Id: 'exports', Status: 'Enabled', Prefix: 'exports/', ExpirationInDays: 7 },
      { Id: 'off', Status: 'Disabled', Prefix: 'kept/', ExpirationInDays: 1 },
      { Status: 'Enabled', AbortIncompleteMultipartUpload: { DaysAfterInitiation: 2 } },
    ];
    const { ref: Bucket } = await door.create('Bucket', { LifecycleConfiguration: { Rules } }, 'Expiring');
    const { Rules: told } = await client.send(new GetBucketLifecycleConfigurationCommand({ Bucket }));
    expect(told?.map(({ ID, Status, Expiration }) => [ID, Status, Expiration?.Days])).toEqual([
      ['exports', 'Enabled', 7],
      ['off', 'Disabled', 1],
      [undefined, 'Enabled', undefined],
    ]);
    const { Expiration } = await put(Bucket, 'exports/a');
    const midnight = new Date(Math.ceil((door.clock.now() + 7 * DAY) / DAY) * DAY);
    expect(Expiration).toBe(`expiry-date="${midnight.toUTCString()}", rule-id="exports"`);
    expect((await put(Bucket, 'kept/a')).Expiration).toBeUndefined();
    const { UploadId } = await client.send(new CreateMultipartUploadCommand({ Bucket, Key: 'kept/b' }));
    await client.send(new UploadPartCommand({ Bucket, Key: 'kept/b', UploadId, PartNumber: 1, Body: 'x' }));
    // Another client for each day: the session's clock is the host's.
    const keys = async () => {
      const { Contents = [] } = await door.client('Owner').send(new ListObjectsV2Command({ Bucket }));
      return Contents.map(({ Key }) => Key);
    };
    const uploads = async () =>
      (await door.client('Owner').send(new ListMultipartUploadsCommand({ Bucket }))).Uploads?.length ?? 0;

    door.clock.advance(DAY);
    expect(door.s3.reap()).toBe(0);
    door.clock.advance(2 * DAY);
    expect([door.s3.reap(), await uploads()]).toEqual([1, 0]);
    door.clock.advance(3 * DAY);
    await put(Bucket, 'exports/b', {}, door.client('Owner'));
    expect([door.s3.reap(), await keys()]).toEqual([0, ['exports/a', 'exports/b', 'kept/a']]);
    door.clock.advance(2 * DAY);
    expect([door.s3.reap(), await keys()]).toEqual([1, ['exports/b', 'kept/a']]);
  });
});

const DAY = 86_400_000;

function encryption(byDefault: object, BucketKeyEnabled?: boolean) {
  const rule = { ServerSideEncryptionByDefault: byDefault, ...(BucketKeyEnabled && { BucketKeyEnabled }) };
  return { ServerSideEncryptionConfiguration: [rule] };
}
