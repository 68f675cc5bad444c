import { createHash, createHmac } from 'node:crypto';
import { readdirSync } from 'node:fs';
import path from 'node:path';
import { Readable } from 'node:stream';
import { GetObjectCommand, PutObjectCommand, type S3Client } from '@aws-sdk/client-s3';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { crc32c, crc64nvme } from '../../../infra/local/services/s3/checksum/crc.ts';
import { place } from '../front-door/door.ts';
import { bytesOf, everything, openS3Door, patterned, type S3Door } from './s3-door.ts';

let door: S3Door;
let client: S3Client;
let Bucket: string;

beforeAll(async () => {
  door = await openS3Door();
  client = door.client('Owner');
  Bucket = (await door.create('Bucket', {})).ref;
});
afterAll(() => door.close());

const get = (Key: string) => client.send(new GetObjectCommand({ Bucket, Key, ChecksumMode: 'ENABLED' }));
const gone = { name: 'NoSuchKey' };
const files = () => readdirSync(path.join(door.dir, 'objects')).length;

interface Altered {
  headers: Record<string, string>;
  body: unknown;
}

/** A client that changes its request after it was signed, or just before. */
function altering(alter: (request: Altered) => void, { signed = true } = {}): S3Client {
  const altered = door.client('Altering');
  const middleware =
    <In extends { request: unknown }, Out>(next: (args: In) => Promise<Out>) =>
    (args: In): Promise<Out> => {
      alter(args.request as Altered);
      return next(args);
    };
  if (signed) altered.middlewareStack.add((next) => middleware(next), { step: 'finalizeRequest', priority: 'low' });
  else altered.middlewareStack.add((next) => middleware(next), { step: 'build', priority: 'low' });
  return altered;
}

it('the check values of the catalogue of CRCs', () => {
  const digest = (crc: ReturnType<typeof crc32c>) => {
    crc.update(Buffer.from('12345'));
    crc.update(Buffer.from('6789'));
    return crc.digest().toString('hex');
  };
  expect(digest(crc32c())).toBe('e3069283');
  expect(digest(crc64nvme())).toBe('ae8b14860a799888');
});

describe.each(['CRC32', 'CRC32C', 'CRC64NVME', 'SHA1', 'SHA256'] as const)('%s', (algorithm) => {
  const header = `x-amz-checksum-${algorithm.toLowerCase()}`;

  it('of the SDK is accepted for a buffer and a stream, and told to readers', async () => {
    const body = patterned(200_000);
    const ChecksumAlgorithm = algorithm;
    const stored = await client.send(new PutObjectCommand({ Bucket, Key: 'sum', Body: body, ChecksumAlgorithm }));
    await client.send(
      new PutObjectCommand({
        Bucket,
        Key: 'trailer',
        Body: Readable.from([body.subarray(0, 100_000), body.subarray(100_000)]),
        ContentLength: body.length,
        ChecksumAlgorithm,
      }),
    );
    const value = stored[`Checksum${algorithm}`];
    expect(value).toMatch(/^[\w+/]+=*$/);
    for (const key of ['sum', 'trailer']) {
      const answer = await get(key);
      expect(answer[`Checksum${algorithm}`]).toBe(value);
      // The SDK itself checks the bytes against it.
      expect(await bytesOf(answer)).toEqual(body);
    }
  });

  it('that is wrong keeps nothing', async () => {
    const before = files();
    const wrong = altering(
      (request) => {
        if (request.headers[header] === undefined) throw new Error('nothing to alter');
        request.headers[header] = Buffer.alloc(Buffer.from(request.headers[header], 'base64').length).toString(
          'base64',
        );
      },
      { signed: false },
    );
    const put = new PutObjectCommand({ Bucket, Key: 'wrong', Body: 'x', ChecksumAlgorithm: algorithm });
    await expect(wrong.send(put)).rejects.toMatchObject({ name: 'BadDigest', $metadata: { httpStatusCode: 400 } });
    await expect(get('wrong')).rejects.toMatchObject(gone);
    expect(files()).toBe(before);
  });
});

it('an algorithm that the laptop does not know, or two at once, are refused', async () => {
  const sending = (more: Record<string, string>) =>
    altering((request) => void Object.assign(request.headers, more), { signed: false }).send(
      new PutObjectCommand({ Bucket, Key: 'unknown', Body: 'x' }),
    );
  const refused = { name: 'InvalidRequest', $metadata: { httpStatusCode: 400 } };
  await expect(sending({ 'x-amz-checksum-xxhash64': 'AAAAAAAAAAA=' })).rejects.toMatchObject(refused);
  await expect(sending({ 'x-amz-checksum-sha1': '2jmj7l5rSw0yVb/vlWAYkK/YBwk=' })).rejects.toMatchObject(refused);
});

it('a wrong Content-MD5 or a changed body keeps nothing', async () => {
  const md5 = (text: string) => createHash('md5').update(text).digest('base64');
  const put = (ContentMD5: string) => client.send(new PutObjectCommand({ Bucket, Key: 'md5', Body: 'x', ContentMD5 }));
  await expect(put(md5('y'))).rejects.toMatchObject({ name: 'BadDigest' });
  await expect(put('short')).rejects.toMatchObject({ name: 'InvalidDigest' });
  await expect(get('md5')).rejects.toMatchObject(gone);
  await put(md5('x'));
  const changing = altering((request) => {
    request.body = Buffer.from('y');
  });
  await expect(changing.send(new PutObjectCommand({ Bucket, Key: 'body', Body: 'x' }))).rejects.toMatchObject({
    name: 'XAmzContentSHA256Mismatch',
  });
  await expect(get('body')).rejects.toMatchObject(gone);
});

describe('signed chunks', () => {
  const hash = (data: string | Buffer) => createHash('sha256').update(data).digest('hex');
  const hmac = (key: string | Buffer, data: string) => createHmac('sha256', key).update(data).digest();

  /** Written by the letter of the specification, with no code of the host. `alter`: chunks and trailer before they are sent. */
  async function put(
    key: string,
    chunks: readonly Buffer[],
    alter: (frames: string[]) => string[] = (frames) => frames,
  ) {
    const { accessKeyId, secretAccessKey, sessionToken } = door.session('Chunks', everything);
    const date = new Date(door.clock.now()).toISOString().replace(/[-:]|\.\d+/g, '');
    const scope = `${date.slice(0, 8)}/${place.region}/s3/aws4_request`;
    const signingKey = scope.split('/').reduce<string | Buffer>(hmac, `AWS4${secretAccessKey}`);
    const signed = (...lines: string[]) => hmac(signingKey, lines.join('\n')).toString('hex');
    const url = new URL(`/${Bucket}/${key}`, door.door.url);
    const sum = createHash('sha256').update(Buffer.concat(chunks)).digest('base64');
    const headers: Record<string, string> = {
      'content-encoding': 'aws-chunked',
      host: url.host,
      'x-amz-content-sha256': 'STREAMING-AWS4-HMAC-SHA256-PAYLOAD-TRAILER',
      'x-amz-date': date,
      'x-amz-decoded-content-length': String(Buffer.concat(chunks).length),
      'x-amz-security-token': sessionToken,
      'x-amz-trailer': 'x-amz-checksum-sha256',
    };
    const names = Object.keys(headers).join(';');
    const lines = Object.entries(headers).map(([name, value]) => `${name}:${value}`);
    const canonical = ['PUT', url.pathname, '', ...lines, '', names, headers['x-amz-content-sha256']].join('\n');
    let previous = signed('AWS4-HMAC-SHA256', date, scope, hash(canonical));
    headers.authorization = `AWS4-HMAC-SHA256 Credential=${accessKeyId}/${scope}, SignedHeaders=${names}, Signature=${previous}`;
    const frames = [...chunks, Buffer.alloc(0)].map((chunk) => {
      previous = signed('AWS4-HMAC-SHA256-PAYLOAD', date, scope, previous, hash(''), hash(chunk));
      const tail = chunk.length > 0 ? '\r\n' : '';
      return `${chunk.length.toString(16)};chunk-signature=${previous}\r\n${chunk.toString('latin1')}${tail}`;
    });
    const trailer = `x-amz-checksum-sha256:${sum}`;
    const last = signed('AWS4-HMAC-SHA256-TRAILER', date, scope, previous, hash(`${trailer}\n`));
    frames.push(`${trailer}\r\nx-amz-trailer-signature:${last}\r\n\r\n`);
    const body = Buffer.from(alter(frames).join(''), 'latin1');
    const answer = await fetch(url, { method: 'PUT', headers, body });
    return { status: answer.status, code: /<Code>(\w+)/.exec(await answer.text())?.[1] };
  }
  const chunks = [patterned(70_000, 1), patterned(70_000, 2), patterned(10, 3)];

  it('are put together', async () => {
    expect(await put('chunks', chunks)).toEqual({ status: 200, code: undefined });
    expect(await bytesOf(await get('chunks'))).toEqual(Buffer.concat(chunks));
  });

  it.each<[string, (frames: string[]) => string[], string]>([
    ['changed', ([a = '', ...rest]) => [a.replace(/.\r\n$/s, 'X\r\n'), ...rest], 'SignatureDoesNotMatch'],
    ['swapped', ([a = '', b = '', ...rest]) => [b, a, ...rest], 'SignatureDoesNotMatch'],
    ['left out', ([, ...rest]) => rest, 'SignatureDoesNotMatch'],
    ['cut off', ([a = '']) => [a], 'IncompleteBody'],
    ['unsigned', (frames) => frames.map((frame) => frame.replace(/;chunk-signature=\w+/, '')), 'InvalidRequest'],
    [
      'with another checksum',
      (frames) => frames.map((frame) => frame.replace('sha256:', 'sha256:A')),
      'SignatureDoesNotMatch',
    ],
    [
      'with an unsigned trailer',
      (frames) => frames.map((f) => f.replace(/x-amz-trailer-signature.*\r\n/, '')),
      'SignatureDoesNotMatch',
    ],
  ])('that are %s keep nothing', async (name, alter, code) => {
    const before = files();
    const key = name.replaceAll(' ', '-');
    expect((await put(key, chunks, alter)).code).toBe(code);
    await expect(get(key)).rejects.toMatchObject(gone);
    expect(files()).toBe(before);
  });
});
