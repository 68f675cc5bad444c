import { createHash } from 'node:crypto';
import { readdirSync } from 'node:fs';
import path from 'node:path';
import { Readable } from 'node:stream';
import {
  CopyObjectCommand,
  DeleteObjectCommand,
  DeleteObjectsCommand,
  GetObjectCommand,
  HeadObjectCommand,
  ListObjectsCommand,
  PutBucketAclCommand,
  PutObjectAclCommand,
  PutObjectCommand,
  type S3Client,
} from '@aws-sdk/client-s3';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { bytesOf, openS3Door, patterned, type S3Door } from './s3-door.ts';

let door: S3Door;
let client: S3Client;
let Bucket: string;

beforeAll(async () => {
  door = await openS3Door();
  client = door.client('Owner');
  Bucket = (await door.create('Bucket', {})).ref;
});
afterAll(() => door.close());

const put = (Key: string, Body: string | Buffer | Readable = Key, more: object = {}) =>
  client.send(new PutObjectCommand({ Bucket, Key, Body, ...more }));
const get = (Key: string, more: object = {}) => client.send(new GetObjectCommand({ Bucket, Key, ...more }));
const text = async (Key: string) => (await bytesOf(await get(Key))).toString();
const md5 = (content: string | Buffer) => createHash('md5').update(content).digest('hex');
const failure = (code: string, status: number) => ({ name: code, $metadata: { httpStatusCode: status } });

describe('an object', () => {
  it('comes back with its bytes, headers and metadata', async () => {
    const body = patterned(300_000);
    const { ETag } = await put('a/b', body, {
      ContentType: 'application/gzip',
      ContentDisposition: 'attachment; filename="x.gz"',
      ContentEncoding: 'gzip',
      CacheControl: 'no-store',
      Metadata: { Count: '3' },
    });
    expect(ETag).toBe(`"${md5(body)}"`);
    const answer = await get('a/b');
    expect(await bytesOf(answer)).toEqual(body);
    expect(answer).toMatchObject({
      ContentType: 'application/gzip',
      ContentDisposition: 'attachment; filename="x.gz"',
      ContentEncoding: 'gzip',
      CacheControl: 'no-store',
      ContentLength: body.length,
      ServerSideEncryption: 'AES256',
      Metadata: { count: '3' },
      ETag,
    });
    const { Body: _, $metadata: __, ...described } = answer;
    expect(await client.send(new HeadObjectCommand({ Bucket, Key: 'a/b', ChecksumMode: 'ENABLED' }))).toMatchObject(
      described,
    );
  });

  it.each(['a/../b', './x', 'a//b', '/', ' +%25&=?#', 'ü\u{1f600}', 'x'.repeat(1024)])(
    'may be named %j',
    async (key) => {
      await put(key, `content of ${key}`);
      expect(await text(key)).toBe(`content of ${key}`);
    },
  );

  it('with too long a name is refused', async () => {
    await expect(put('x'.repeat(1025), 'x')).rejects.toMatchObject(failure('KeyTooLongError', 400));
  });

  it('may be empty, or a stream of unknown pieces', async () => {
    await put('empty', '');
    expect(await text('empty')).toBe('');
    const pieces = [patterned(70_000, 3), Buffer.alloc(0), patterned(1, 4)].filter(({ length }) => length > 0);
    await put('stream', Readable.from(pieces), { ContentLength: 70_001, ContentEncoding: 'br' });
    const answer = await get('stream');
    expect(await bytesOf(answer)).toEqual(Buffer.concat(pieces));
    expect(answer.ContentEncoding).toBe('br');
  });

  it('is replaced as a whole, also for a reader who is in the middle of it', async () => {
    const old = patterned(3_000_000, 5);
    await put('replaced', old);
    const reading = await get('replaced');
    await put('replaced', 'new');
    await client.send(new DeleteObjectCommand({ Bucket, Key: 'replaced' }));
    expect(await bytesOf(reading)).toEqual(old);
    await expect(get('replaced')).rejects.toMatchObject(failure('NoSuchKey', 404));
  });

  it('leaves no file when it is replaced or deleted', async () => {
    const files = () => readdirSync(path.join(door.dir, 'objects')).length;
    const before = files();
    for (const content of ['1', '2', '3']) await put('counted', content);
    await client.send(new DeleteObjectCommand({ Bucket, Key: 'counted' }));
    expect(files()).toBe(before);
  });

  it('is told by S3’s own errors when it, or its bucket, is missing', async () => {
    await expect(get('nowhere')).rejects.toMatchObject({ ...failure('NoSuchKey', 404), Key: 'nowhere' });
    await expect(client.send(new HeadObjectCommand({ Bucket, Key: 'nowhere' }))).rejects.toMatchObject(
      failure('NotFound', 404),
    );
    await expect(client.send(new GetObjectCommand({ Bucket: 'nobody', Key: 'x' }))).rejects.toMatchObject(
      failure('NoSuchBucket', 404),
    );
    await expect(client.send(new DeleteObjectCommand({ Bucket, Key: 'nowhere' }))).resolves.toMatchObject({});
  });
});

describe('a range', () => {
  beforeAll(() => put('range', '0123456789'));

  it.each([
    ['bytes=2-4', '234', 'bytes 2-4/10'],
    ['bytes=7-', '789', 'bytes 7-9/10'],
    ['bytes=-3', '789', 'bytes 7-9/10'],
    ['bytes=-30', '0123456789', 'bytes 0-9/10'],
    ['bytes=9-99', '9', 'bytes 9-9/10'],
  ])('%s', async (Range, expected, ContentRange) => {
    const answer = await get('range', { Range });
    expect(answer).toMatchObject({ ContentRange, ContentLength: expected.length, $metadata: { httpStatusCode: 206 } });
    expect((await bytesOf(answer)).toString()).toBe(expected);
  });

  it.each(['bytes=4-2', 'lines=1-2', 'bytes=0-1,4-5'])('%s is ignored', async (Range) => {
    const answer = await get('range', { Range });
    expect(answer.$metadata.httpStatusCode).toBe(200);
    expect((await bytesOf(answer)).toString()).toBe('0123456789');
  });

  it('beyond the end is refused', async () => {
    await expect(get('range', { Range: 'bytes=10-' })).rejects.toMatchObject(failure('InvalidRange', 416));
  });
});

describe('conditions', () => {
  it('on reads', async () => {
    const { ETag } = await put('read', 'x');
    await expect(get('read', { IfNoneMatch: ETag })).rejects.toMatchObject({ $metadata: { httpStatusCode: 304 } });
    await expect(get('read', { IfMatch: '"other"' })).rejects.toMatchObject(failure('PreconditionFailed', 412));
    const past = new Date(door.clock.now() - 86_400_000);
    await expect(get('read', { IfUnmodifiedSince: past })).rejects.toMatchObject(failure('PreconditionFailed', 412));
    await expect(get('read', { IfModifiedSince: new Date(door.clock.now() + 60_000) })).rejects.toMatchObject({
      $metadata: { httpStatusCode: 304 },
    });
    await expect(get('read', { IfMatch: ETag, IfNoneMatch: '"other"' })).resolves.toMatchObject({ ETag });
  });

  it('on writes: one of many first writers wins', async () => {
    const results = await Promise.allSettled(
      Array.from({ length: 8 }, (_, i) => put('once', String(i), { IfNoneMatch: '*' })),
    );
    expect(results.filter(({ status }) => status === 'fulfilled')).toHaveLength(1);
    for (const result of results) {
      if (result.status === 'rejected') expect(result.reason).toMatchObject(failure('PreconditionFailed', 412));
    }
    expect(await text('once')).toBe(String(results.findIndex(({ status }) => status === 'fulfilled')));
  });

  it('on writes: only what was read is replaced or deleted', async () => {
    const { ETag } = await put('versioned', '1');
    await put('versioned', '2', { IfMatch: ETag });
    await expect(put('versioned', '3', { IfMatch: ETag })).rejects.toMatchObject(failure('PreconditionFailed', 412));
    await expect(put('no such', '3', { IfMatch: ETag })).rejects.toMatchObject(failure('NoSuchKey', 404));
    const remove = new DeleteObjectCommand({ Bucket, Key: 'versioned', IfMatch: ETag });
    await expect(client.send(remove)).rejects.toMatchObject(failure('PreconditionFailed', 412));
    expect(await text('versioned')).toBe('2');
  });
});

describe('a copy', () => {
  beforeAll(() => put('from ü/+', 'original', { Metadata: { a: '1' }, ContentType: 'text/plain' }));
  const CopySource = () => `${Bucket}/${encodeURIComponent('from ü/+')}`;
  const copy = (Key: string, more: object = {}) =>
    client.send(new CopyObjectCommand({ Bucket, Key, CopySource: CopySource(), ...more }));

  it('keeps bytes and metadata, or takes new metadata', async () => {
    const { CopyObjectResult } = await copy('copied');
    expect(CopyObjectResult?.ETag).toBe(`"${md5('original')}"`);
    expect(await get('copied')).toMatchObject({ Metadata: { a: '1' }, ContentType: 'text/plain' });
    await copy('copied', { MetadataDirective: 'REPLACE', Metadata: { b: '2' } });
    expect((await get('copied')).Metadata).toEqual({ b: '2' });
    expect(await text('copied')).toBe('original');
  });

  it('fails without its source, on a failed condition, or onto itself', async () => {
    await expect(copy('x', { CopySource: `${Bucket}/nowhere` })).rejects.toMatchObject(failure('NoSuchKey', 404));
    await expect(copy('x', { CopySource: 'nobody/x' })).rejects.toMatchObject(failure('NoSuchBucket', 404));
    await expect(copy('x', { CopySourceIfMatch: '"other"' })).rejects.toMatchObject(failure('PreconditionFailed', 412));
    await expect(copy('copied', { IfNoneMatch: '*' })).rejects.toMatchObject(failure('PreconditionFailed', 412));
    await expect(copy('from ü/+')).rejects.toMatchObject(failure('InvalidRequest', 400));
  });
});

it('many objects are deleted at once, each by its own condition', async () => {
  const { ETag } = await put('d1', '1');
  await put('d<2>&', '2');
  await put('d3', '3');
  const { Deleted, Errors } = await client.send(
    new DeleteObjectsCommand({
      Bucket,
      Delete: { Objects: [{ Key: 'd1', ETag }, { Key: 'd<2>&' }, { Key: 'd3', ETag: '"other"' }, { Key: 'never' }] },
    }),
  );
  expect(Deleted?.map(({ Key }) => Key)).toEqual(['d1', 'd<2>&', 'never']);
  expect(Errors).toEqual([expect.objectContaining({ Key: 'd3', Code: 'PreconditionFailed' })]);
  expect(await text('d3')).toBe('3');
  await expect(get('d<2>&')).rejects.toMatchObject(failure('NoSuchKey', 404));
});

it('what the laptop does not play is refused, and never taken for something else', async () => {
  await put('safe', 'safe');
  const acl = new PutObjectAclCommand({ Bucket, Key: 'safe', ACL: 'private' });
  await expect(client.send(acl)).rejects.toMatchObject(failure('NotImplemented', 501));
  await expect(client.send(new PutBucketAclCommand({ Bucket, ACL: 'private' }))).rejects.toMatchObject(
    failure('NotImplemented', 501),
  );
  await expect(client.send(new ListObjectsCommand({ Bucket }))).rejects.toMatchObject(failure('NotImplemented', 501));
  await expect(get('safe', { VersionId: '1' })).rejects.toMatchObject(failure('NotImplemented', 501));
  for (const refused of [
    { StorageClass: 'GLACIER' },
    { ACL: 'public-read' },
    { Tagging: 'a=b' },
    { ObjectLockMode: 'COMPLIANCE', ObjectLockRetainUntilDate: new Date() },
    { SSECustomerAlgorithm: 'AES256', SSECustomerKey: Buffer.alloc(32).toString('base64') },
  ])
    await expect(put('safe', 'other', refused)).rejects.toMatchObject({ $metadata: { httpStatusCode: 501 } });
  await expect(put('safe', 'other', { ExpectedBucketOwner: '999999999999' })).rejects.toMatchObject(
    failure('AccessDenied', 403),
  );
  expect(await text('safe')).toBe('safe');
});
