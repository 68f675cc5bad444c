import {
  DeleteObjectsCommand,
  ListObjectsV2Command,
  type ListObjectsV2CommandInput,
  PutObjectCommand,
  type S3Client,
} from '@aws-sdk/client-s3';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { openS3Door, type S3Door } from './s3-door.ts';

let door: S3Door;
let client: S3Client;
let Bucket: string;

/** In the order of UTF-8, which is not JavaScript's: U+FF5E comes before U+1F600, whose first surrogate is smaller. */
const KEYS = ['a', 'a/1', 'a/2/x', 'a/2/y', 'a/\u{10ffff}z', 'a0', 'b&<>/1', 'b/', 'c\uff5e', 'c\u{1f600}'];

beforeAll(async () => {
  door = await openS3Door();
  client = door.client('Owner');
  Bucket = (await door.create('Bucket', {})).ref;
  for (const Key of KEYS.toReversed()) await client.send(new PutObjectCommand({ Bucket, Key, Body: Key }));
  const other = (await door.create('Bucket', {}, 'Other')).ref;
  await client.send(new PutObjectCommand({ Bucket: other, Key: 'a/other', Body: '' }));
});
afterAll(() => door.close());

const list = (input: Omit<ListObjectsV2CommandInput, 'Bucket'> = {}) =>
  client.send(new ListObjectsV2Command({ Bucket, ...input }));

/** Every entry of every page, and how many each page had. */
async function pages(input: Omit<ListObjectsV2CommandInput, 'Bucket'>) {
  const entries: string[] = [];
  const counts: number[] = [];
  for (let ContinuationToken: string | undefined, first = true; first || ContinuationToken; first = false) {
    const page = await list({ ...input, ...(ContinuationToken && { ContinuationToken }) });
    expect(page.IsTruncated).toBe(page.NextContinuationToken !== undefined);
    const here = [...(page.Contents ?? []).map(({ Key }) => Key), ...(page.CommonPrefixes ?? []).map((p) => p.Prefix)];
    expect(page.KeyCount).toBe(here.length);
    counts.push(here.length);
    entries.push(...here.map(String));
    ContinuationToken = page.NextContinuationToken;
  }
  return { entries, counts };
}

it('tells keys, sizes and ETags in order', async () => {
  const { Contents = [], IsTruncated, Name, MaxKeys } = await list();
  expect(Contents.map(({ Key }) => Key)).toEqual(KEYS);
  expect(Contents.map(({ Size }) => Size)).toEqual(KEYS.map((key) => Buffer.byteLength(key)));
  expect(Contents[0]).toMatchObject({ StorageClass: 'STANDARD', ETag: expect.stringMatching(/^"[0-9a-f]{32}"$/) });
  expect({ IsTruncated, Name, MaxKeys }).toEqual({ IsTruncated: false, Name: Bucket, MaxKeys: 1000 });
});

it('keeps to a prefix, literally', async () => {
  expect((await pages({ Prefix: 'a/' })).entries).toEqual(['a/1', 'a/2/x', 'a/2/y', 'a/\u{10ffff}z']);
  expect((await pages({ Prefix: 'b&<' })).entries).toEqual(['b&<>/1']);
  expect((await pages({ Prefix: 'A/' })).entries).toEqual([]);
  expect((await pages({ Prefix: '%' })).entries).toEqual([]);
});

it.each([1, 2, 3, 1000])('pages of %i give every key once', async (MaxKeys) => {
  const { entries, counts } = await pages({ MaxKeys });
  expect(entries).toEqual(KEYS);
  expect(Math.max(...counts)).toBeLessThanOrEqual(MaxKeys);
});

it.each([1, 2, 1000])('pages of %i with a delimiter give every common prefix once', async (MaxKeys) => {
  const all = await pages({ Delimiter: '/', MaxKeys });
  expect(all.entries.toSorted()).toEqual(['a', 'a/', 'a0', 'b&<>/', 'b/', 'c\uff5e', 'c\u{1f600}'].toSorted());
  const below = await pages({ Delimiter: '/', Prefix: 'a/', MaxKeys });
  expect(below.entries.toSorted()).toEqual(['a/1', 'a/2/', 'a/\u{10ffff}z'].toSorted());
});

it('starts after a key, which need not exist', async () => {
  expect((await pages({ StartAfter: 'a/1' })).entries).toEqual(KEYS.slice(2));
  expect((await pages({ StartAfter: 'a/3' })).entries).toEqual(KEYS.slice(4));
  expect((await pages({ StartAfter: 'a/', Prefix: 'b', MaxKeys: 1 })).entries).toEqual(['b&<>/1', 'b/']);
});

it('encodes keys for those who ask, and refuses what it can not read', async () => {
  const { Contents = [] } = await list({ Prefix: 'b&', EncodingType: 'url' });
  expect(Contents[0]?.Key).toBe('b%26%3C%3E/1');
  await expect(list({ ContinuationToken: '***' })).rejects.toMatchObject({ name: 'InvalidArgument' });
  expect(await list({ MaxKeys: 0 })).toMatchObject({ KeyCount: 0, IsTruncated: false });
});

it('goes on where it was while keys come and go', async () => {
  const first = await list({ MaxKeys: 3 });
  await client.send(new DeleteObjectsCommand({ Bucket, Delete: { Objects: [{ Key: 'a/2/y' }] } }));
  await client.send(new PutObjectCommand({ Bucket, Key: 'a/2/z', Body: '' }));
  const { Contents = [] } = await list({ ContinuationToken: first.NextContinuationToken });
  expect(Contents.map(({ Key }) => Key)).toEqual(['a/2/z', ...KEYS.slice(4)]);
});
