import { createHash } from 'node:crypto';
import { readdirSync } from 'node:fs';
import path from 'node:path';
import { crc32 } from 'node:zlib';
import {
  AbortMultipartUploadCommand,
  type CompletedPart,
  CompleteMultipartUploadCommand,
  CreateMultipartUploadCommand,
  GetObjectCommand,
  HeadObjectCommand,
  ListMultipartUploadsCommand,
  type ListMultipartUploadsCommandInput,
  type ListMultipartUploadsCommandOutput,
  ListPartsCommand,
  PutObjectCommand,
  type S3Client,
  UploadPartCommand,
  UploadPartCopyCommand,
} from '@aws-sdk/client-s3';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { bytesOf, openS3Door, patterned, type S3Door } from './s3-door.ts';

const MIB = 1024 * 1024;
const big = patterned(5 * MIB, 1);
const small = patterned(1000, 2);
let door: S3Door;
let client: S3Client;
let Bucket: string;

beforeAll(async () => {
  door = await openS3Door();
  client = door.client('Owner');
  Bucket = (await door.create('Bucket', {})).ref;
});
afterAll(() => door.close());

async function start(Key: string, more: object = {}) {
  const { UploadId } = await client.send(new CreateMultipartUploadCommand({ Bucket, Key, ...more }));
  const of = { Bucket, Key, UploadId };
  return {
    of,
    async part(PartNumber: number, Body: Buffer): Promise<CompletedPart> {
      const { ETag } = await client.send(new UploadPartCommand({ ...of, PartNumber, Body }));
      return { PartNumber, ETag };
    },
    complete: (Parts: CompletedPart[], extra: object = {}) =>
      client.send(new CompleteMultipartUploadCommand({ ...of, MultipartUpload: { Parts }, ...extra })),
    abort: () => client.send(new AbortMultipartUploadCommand(of)),
  };
}
const get = (Key: string) => client.send(new GetObjectCommand({ Bucket, Key }));
const md5 = (bytes: Buffer) => createHash('md5').update(bytes).digest();

it('parts become one object, in the order of their numbers, at once', async () => {
  const upload = await start('whole', { ContentType: 'text/plain', Metadata: { a: '1' } });
  const third = await upload.part(3, small);
  const replaced = await upload.part(1, small);
  const first = await upload.part(1, big);
  await upload.part(2, small);
  await expect(get('whole')).rejects.toMatchObject({ name: 'NoSuchKey' });
  await expect(upload.complete([replaced, third])).rejects.toMatchObject({ name: 'InvalidPart' });
  const { ETag } = await upload.complete([first, third]);
  expect(ETag).toBe(
    `"${createHash('md5')
      .update(Buffer.concat([md5(big), md5(small)]))
      .digest('hex')}-2"`,
  );
  const answer = await get('whole');
  expect(answer).toMatchObject({ ETag, ContentType: 'text/plain', Metadata: { a: '1' } });
  expect((await bytesOf(answer)).equals(Buffer.concat([big, small]))).toBe(true);
  await expect(upload.complete([first, third])).rejects.toMatchObject({ name: 'NoSuchUpload' });
  // Nothing stays of the parts.
  expect(readdirSync(path.join(door.dir, 'objects'))).toHaveLength(1);
});

it('parts that are missing, too small or out of order are refused, and the upload goes on', async () => {
  const upload = await start('rules');
  const one = await upload.part(1, small);
  const two = await upload.part(2, small);
  await expect(upload.complete([one, two])).rejects.toMatchObject({ name: 'EntityTooSmall' });
  await expect(upload.complete([two, one])).rejects.toMatchObject({ name: 'InvalidPartOrder' });
  await expect(upload.complete([{ ...one, ETag: '"0"' }])).rejects.toMatchObject({ name: 'InvalidPart' });
  await expect(upload.complete([{ ...one, PartNumber: 9 }])).rejects.toMatchObject({ name: 'InvalidPart' });
  await expect(upload.complete([])).rejects.toMatchObject({ name: 'MalformedXML' });
  await expect(upload.complete([one], { MpuObjectSize: 5 })).rejects.toMatchObject({ name: 'InvalidRequest' });
  await expect(upload.part(0, small)).rejects.toMatchObject({ name: 'InvalidArgument' });
  await expect(upload.part(10_001, small)).rejects.toMatchObject({ name: 'InvalidArgument' });
  await upload.complete([two]);
  expect(await bytesOf(await get('rules'))).toEqual(small);
});

it('an upload belongs to its key, and ends when it is aborted', async () => {
  const upload = await start('aborted');
  const part = await upload.part(1, small);
  const foreign = new UploadPartCommand({ ...upload.of, Key: 'other', PartNumber: 1, Body: 'x' });
  await expect(client.send(foreign)).rejects.toMatchObject({ name: 'NoSuchUpload' });
  await upload.abort();
  await expect(upload.part(2, small)).rejects.toMatchObject({ name: 'NoSuchUpload' });
  await expect(upload.complete([part])).rejects.toMatchObject({ name: 'NoSuchUpload' });
  await expect(upload.abort()).rejects.toMatchObject({ name: 'NoSuchUpload' });
});

it('is conditional: whoever completes second keeps nothing', async () => {
  const [a, b] = [await start('first-wins'), await start('first-wins')];
  const [partA, partB] = [await a.part(1, small), await b.part(1, Buffer.from('b'))];
  await a.complete([partA], { IfNoneMatch: '*' });
  await expect(b.complete([partB], { IfNoneMatch: '*' })).rejects.toMatchObject({ name: 'PreconditionFailed' });
  expect(await bytesOf(await get('first-wins'))).toEqual(small);
  await b.abort();
});

it('takes parts from other objects', async () => {
  await client.send(new PutObjectCommand({ Bucket, Key: 'source', Body: big }));
  const upload = await start('from-copy');
  const copy = async (PartNumber: number, CopySourceRange?: string) => {
    const CopySource = `${Bucket}/source`;
    const { CopyPartResult } = await client.send(
      new UploadPartCopyCommand({ ...upload.of, PartNumber, CopySource, ...(CopySourceRange && { CopySourceRange }) }),
    );
    return { PartNumber, ETag: CopyPartResult?.ETag };
  };
  await expect(copy(1, 'bytes=99999999-')).rejects.toMatchObject({ name: 'InvalidRange' });
  await upload.complete([await copy(1), await copy(2, 'bytes=10-19')]);
  expect((await bytesOf(await get('from-copy'))).equals(Buffer.concat([big, big.subarray(10, 20)]))).toBe(true);
});

it('has checksums of its parts or of the whole', async () => {
  const whole = await start('full', { ChecksumAlgorithm: 'CRC32', ChecksumType: 'FULL_OBJECT' });
  const send = async (
    upload: typeof whole,
    PartNumber: number,
    Body: Buffer,
    ChecksumAlgorithm: 'CRC32' | 'SHA256',
  ) => {
    const command = new UploadPartCommand({ ...upload.of, PartNumber, Body, ChecksumAlgorithm });
    const { ETag, ChecksumCRC32, ChecksumSHA256 } = await client.send(command);
    return { PartNumber, ETag, ...(ChecksumCRC32 && { ChecksumCRC32 }), ...(ChecksumSHA256 && { ChecksumSHA256 }) };
  };
  const parts = [await send(whole, 1, big, 'CRC32'), await send(whole, 2, small, 'CRC32')];
  await expect(send(whole, 3, small, 'SHA256')).rejects.toMatchObject({ name: 'InvalidRequest' });
  const swapped = parts.map((part, i) => ({
    ...part,
    ETag: parts[i]?.ETag,
    ChecksumCRC32: parts[1 - i]?.ChecksumCRC32,
  }));
  await expect(whole.complete(swapped)).rejects.toMatchObject({ name: 'InvalidPart' });
  await expect(whole.complete(parts, { ChecksumCRC32: 'AAAAAA==' })).rejects.toMatchObject({ name: 'BadDigest' });
  const expected = Buffer.alloc(4);
  expected.writeUInt32BE(crc32(Buffer.concat([big, small])));
  expect(await whole.complete(parts)).toMatchObject({
    ChecksumCRC32: expected.toString('base64'),
    ChecksumType: 'FULL_OBJECT',
  });

  const composite = await start('composite', { ChecksumAlgorithm: 'SHA256' });
  const sums = [await send(composite, 1, big, 'SHA256'), await send(composite, 2, small, 'SHA256')];
  await composite.complete(sums);
  const sha = (bytes: Buffer) => createHash('sha256').update(bytes).digest();
  const head = await client.send(new HeadObjectCommand({ Bucket, Key: 'composite', ChecksumMode: 'ENABLED' }));
  expect(head).toMatchObject({
    ChecksumSHA256: `${sha(Buffer.concat([sha(big), sha(small)])).toString('base64')}-2`,
    ChecksumType: 'COMPOSITE',
  });
});

it('lists parts and uploads in pages', async () => {
  const upload = await start('listed/a');
  const parts = [await upload.part(2, small), await upload.part(4, small), await upload.part(9, small)];
  const page = await client.send(new ListPartsCommand({ ...upload.of, MaxParts: 2 }));
  expect(page).toMatchObject({ IsTruncated: true, NextPartNumberMarker: '4' });
  expect(page.Parts?.map(({ PartNumber, ETag }) => ({ PartNumber, ETag }))).toEqual(parts.slice(0, 2));
  const rest = await client.send(new ListPartsCommand({ ...upload.of, PartNumberMarker: '4' }));
  expect(rest.Parts?.map(({ PartNumber, Size }) => [PartNumber, Size])).toEqual([[9, small.length]]);

  const more = [await start('listed/b'), await start('listed/b'), await start('listed/c')];
  await start('elsewhere');
  const found: (string | undefined)[] = [];
  let marker: Pick<ListMultipartUploadsCommandInput, 'KeyMarker' | 'UploadIdMarker'> | undefined = {};
  while (marker) {
    const input: ListMultipartUploadsCommandInput = { Bucket, Prefix: 'listed/', MaxUploads: 1, ...marker };
    const page: ListMultipartUploadsCommandOutput = await client.send(new ListMultipartUploadsCommand(input));
    found.push(...(page.Uploads ?? []).map(({ UploadId }) => UploadId));
    const { NextKeyMarker: KeyMarker, NextUploadIdMarker: UploadIdMarker } = page;
    marker = page.IsTruncated ? { KeyMarker, UploadIdMarker } : undefined;
  }
  expect(found.toSorted()).toEqual([upload, ...more].map(({ of }) => of.UploadId).toSorted());
});
