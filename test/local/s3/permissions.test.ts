/** What a session that may touch one account's prefix alone can do to another's: nothing, by no operation. */
import {
  AbortMultipartUploadCommand,
  CompleteMultipartUploadCommand,
  CopyObjectCommand,
  CreateMultipartUploadCommand,
  DeleteObjectCommand,
  DeleteObjectsCommand,
  GetObjectCommand,
  HeadBucketCommand,
  HeadObjectCommand,
  ListMultipartUploadsCommand,
  ListObjectsV2Command,
  ListPartsCommand,
  PutObjectCommand,
  S3Client,
  UploadPartCommand,
  UploadPartCopyCommand,
} from '@aws-sdk/client-s3';
import { AssumeRoleCommand, STSClient } from '@aws-sdk/client-sts';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { PolicyDocument } from '../../../infra/local/contract.ts';
import { allow, clientConfig, roleArn, trust } from '../front-door/door.ts';
import { bytesOf, openS3Door, type S3Door } from './s3-door.ts';

const MINE = 'accounts/A/report';
const THEIRS = 'accounts/B/report';
const denied = { name: 'AccessDenied', $metadata: { httpStatusCode: 403 } };
let door: S3Door;
let owner: S3Client;
let mallory: S3Client;
let Bucket: string;
let theirUpload: string | undefined;

const accountData = (arn: string): PolicyDocument => ({
  Version: '2012-10-17',
  Statement: [
    {
      Effect: 'Allow',
      Action: [
        's3:GetObject',
        's3:PutObject',
        's3:DeleteObject',
        's3:AbortMultipartUpload',
        's3:ListMultipartUploadParts',
      ],
      Resource: `${arn}/accounts/\${aws:PrincipalTag/account}/*`,
    },
    {
      Effect: 'Allow',
      Action: ['s3:ListBucket', 's3:ListBucketMultipartUploads'],
      Resource: arn,
      Condition: { StringLike: { 's3:prefix': `accounts/\${aws:PrincipalTag/account}/*` } },
    },
  ],
});

/** As the credential broker does: a role for data, assumed with the account as session tag. */
async function sessionOf(account: string, arn: string): Promise<S3Client> {
  door.authority.roles.put({
    arn: roleArn('AccountData'),
    trust: trust({ AWS: roleArn('Broker') }, 'sts:AssumeRole', 'sts:TagSession'),
    policies: { data: accountData(arn) },
  });
  const broker = door.session('Broker', allow({ Action: ['sts:AssumeRole', 'sts:TagSession'], Resource: '*' }));
  const sts = new STSClient(clientConfig(door, broker));
  const { Credentials: c } = await sts.send(
    new AssumeRoleCommand({
      RoleArn: roleArn('AccountData'),
      RoleSessionName: 'broker',
      Tags: [{ Key: 'account', Value: account }],
    }),
  );
  sts.destroy();
  const credentials = {
    accessKeyId: c?.AccessKeyId ?? '',
    secretAccessKey: c?.SecretAccessKey ?? '',
    sessionToken: c?.SessionToken ?? '',
  };
  return new S3Client(clientConfig(door, credentials));
}

beforeAll(async () => {
  door = await openS3Door();
  owner = door.client('Owner');
  const made = await door.create('Bucket', {});
  Bucket = made.ref;
  mallory = await sessionOf('A', String(made.attributes.Arn));
  for (const Key of [MINE, THEIRS]) await owner.send(new PutObjectCommand({ Bucket, Key, Body: Key }));
  theirUpload = (await owner.send(new CreateMultipartUploadCommand({ Bucket, Key: THEIRS }))).UploadId;
});
afterAll(async () => {
  mallory.destroy();
  await door.close();
});

describe('a session of account A', () => {
  it('does all that it should in its own prefix', async () => {
    const Key = 'accounts/A/new';
    await mallory.send(new PutObjectCommand({ Bucket, Key, Body: 'x' }));
    await mallory.send(new CopyObjectCommand({ Bucket, Key, CopySource: `${Bucket}/${MINE}` }));
    expect((await bytesOf(await mallory.send(new GetObjectCommand({ Bucket, Key })))).toString()).toBe(MINE);
    const { UploadId } = await mallory.send(new CreateMultipartUploadCommand({ Bucket, Key }));
    await mallory.send(new UploadPartCommand({ Bucket, Key, UploadId, PartNumber: 1, Body: 'x' }));
    await mallory.send(new ListPartsCommand({ Bucket, Key, UploadId }));
    await mallory.send(new AbortMultipartUploadCommand({ Bucket, Key, UploadId }));
    const { Contents } = await mallory.send(new ListObjectsV2Command({ Bucket, Prefix: 'accounts/A/' }));
    expect(Contents?.map((one) => one.Key)).toEqual([Key, MINE]);
    await mallory.send(new DeleteObjectCommand({ Bucket, Key }));
  });

  it.each<[string, () => Promise<unknown>]>([
    ['reads', () => mallory.send(new GetObjectCommand({ Bucket, Key: THEIRS }))],
    ['reads by a detour', () => mallory.send(new GetObjectCommand({ Bucket, Key: `accounts/B/../B/report` }))],
    ['writes', () => mallory.send(new PutObjectCommand({ Bucket, Key: THEIRS, Body: 'x' }))],
    ['deletes', () => mallory.send(new DeleteObjectCommand({ Bucket, Key: THEIRS }))],
    [
      'copies from B',
      () => mallory.send(new CopyObjectCommand({ Bucket, Key: MINE, CopySource: `${Bucket}/${THEIRS}` })),
    ],
    [
      'copies from B, encoded',
      () => mallory.send(new CopyObjectCommand({ Bucket, Key: MINE, CopySource: `/${Bucket}/accounts%2FB%2Freport` })),
    ],
    [
      'copies into B',
      () => mallory.send(new CopyObjectCommand({ Bucket, Key: THEIRS, CopySource: `${Bucket}/${MINE}` })),
    ],
    ['starts an upload', () => mallory.send(new CreateMultipartUploadCommand({ Bucket, Key: THEIRS }))],
    ['uploads a part', () => mallory.send(new UploadPartCommand({ ...upload(), PartNumber: 1, Body: 'x' }))],
    [
      'copies a part',
      () => mallory.send(new UploadPartCopyCommand({ ...upload(), PartNumber: 1, CopySource: `${Bucket}/${MINE}` })),
    ],
    [
      'completes an upload',
      () => mallory.send(new CompleteMultipartUploadCommand({ ...upload(), MultipartUpload: { Parts: [] } })),
    ],
    ['aborts an upload', () => mallory.send(new AbortMultipartUploadCommand(upload()))],
    ['lists parts', () => mallory.send(new ListPartsCommand(upload()))],
    ['lists B', () => mallory.send(new ListObjectsV2Command({ Bucket, Prefix: 'accounts/B/' }))],
    ['lists all accounts', () => mallory.send(new ListObjectsV2Command({ Bucket, Prefix: 'accounts/' }))],
    ['lists without a prefix', () => mallory.send(new ListObjectsV2Command({ Bucket }))],
    ['lists by a start in B', () => mallory.send(new ListObjectsV2Command({ Bucket, StartAfter: 'accounts/B' }))],
    ['lists uploads of B', () => mallory.send(new ListMultipartUploadsCommand({ Bucket, Prefix: 'accounts/B/' }))],
    ['lists all uploads', () => mallory.send(new ListMultipartUploadsCommand({ Bucket }))],
    // AWS tells a missing key only to those who may list.
    ['looks for what is missing', () => mallory.send(new GetObjectCommand({ Bucket, Key: 'accounts/A/nowhere' }))],
  ])('%s: denied', async (_, call) => {
    await expect(call()).rejects.toMatchObject(denied);
  });

  it('is denied without a word about what is there', async () => {
    for (const Key of [THEIRS, 'accounts/B/nowhere'])
      await expect(mallory.send(new HeadObjectCommand({ Bucket, Key }))).rejects.toMatchObject({
        $metadata: { httpStatusCode: 403 },
      });
    await expect(mallory.send(new HeadBucketCommand({ Bucket }))).rejects.toMatchObject({
      $metadata: { httpStatusCode: 403 },
    });
  });

  it('deletes, among many, only what is its own', async () => {
    const Key = 'accounts/A/mine';
    await owner.send(new PutObjectCommand({ Bucket, Key, Body: '' }));
    const { Deleted, Errors } = await mallory.send(
      new DeleteObjectsCommand({ Bucket, Delete: { Objects: [{ Key: THEIRS }, { Key }] } }),
    );
    expect(Deleted).toEqual([{ Key }]);
    expect(Errors).toEqual([expect.objectContaining({ Key: THEIRS, Code: 'AccessDenied' })]);
  });

  it('can not put parts of its own upload onto the key of another', async () => {
    const { UploadId } = await mallory.send(new CreateMultipartUploadCommand({ Bucket, Key: MINE }));
    const crossed = { Bucket, Key: MINE, UploadId: theirUpload };
    await expect(mallory.send(new UploadPartCommand({ ...crossed, PartNumber: 1, Body: 'x' }))).rejects.toMatchObject({
      name: 'NoSuchUpload',
    });
    await mallory.send(new AbortMultipartUploadCommand({ Bucket, Key: MINE, UploadId }));
  });

  it('has changed nothing of B', async () => {
    const answer = await owner.send(new GetObjectCommand({ Bucket, Key: THEIRS }));
    expect((await bytesOf(answer)).toString()).toBe(THEIRS);
    const { Parts = [] } = await owner.send(new ListPartsCommand(upload()));
    expect(Parts).toEqual([]);
  });
});

const upload = () => ({ Bucket, Key: THEIRS, UploadId: theirUpload });
