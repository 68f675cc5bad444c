import { spawn } from 'node:child_process';
import { createHash } from 'node:crypto';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { createInterface } from 'node:readline';
import { Readable } from 'node:stream';
import {
  CompleteMultipartUploadCommand,
  CreateMultipartUploadCommand,
  GetObjectCommand,
  PutObjectCommand,
  S3Client,
  UploadPartCommand,
} from '@aws-sdk/client-s3';
import { expect, it } from 'vitest';
import { place } from '../front-door/door.ts';
import { patterned } from './s3-door.ts';

const MIB = 1024 * 1024;
const SIZE = 100 * MIB;
const PIECE = patterned(MIB);

/** A host in another process, so that the client's memory doesn't count. */
async function startHost(dir: string) {
  const child = spawn(process.execPath, [path.join(import.meta.dirname, 'doomed-host.ts'), dir], {
    stdio: ['pipe', 'pipe', 'inherit'],
  });
  const lines = createInterface(child.stdout)[Symbol.asyncIterator]();
  const line = async (): Promise<string> => (await lines.next()).value ?? '';
  const { bucket, ...config } = JSON.parse(await line()) as {
    bucket: string;
    endpoint: string;
    credentials: { accessKeyId: string; secretAccessKey: string };
  };
  return {
    bucket,
    client: new S3Client({ ...config, region: place.region, maxAttempts: 1 }),
    async mostMemory(): Promise<number> {
      child.stdin.write('\n');
      return Number(await line());
    },
    async end() {
      child.kill('SIGKILL');
      await once(child, 'exit');
    },
  };
}

async function* pieces(size: number): AsyncGenerator<Buffer> {
  for (let sent = 0; sent < size; sent += PIECE.length) yield PIECE;
}

it('100 MiB go up, are put together and come down in a fraction of that memory', async () => {
  const dir = mkdtempSync(path.join(tmpdir(), 'custodia-s3-'));
  const { client, bucket: Bucket, mostMemory, end } = await startHost(dir);
  const put = (Key: string, size: number) => {
    const Body = Readable.from(pieces(size), { objectMode: false });
    return client.send(new PutObjectCommand({ Bucket, Key, Body, ContentLength: size }));
  };
  try {
    await put('warm', 4 * MIB);
    const before = await mostMemory();
    await put('put', SIZE);
    const { UploadId } = await client.send(new CreateMultipartUploadCommand({ Bucket, Key: 'parts' }));
    const of = { Bucket, Key: 'parts', UploadId };
    const Body = Readable.from(pieces(SIZE), { objectMode: false });
    const { ETag } = await client.send(new UploadPartCommand({ ...of, PartNumber: 1, Body, ContentLength: SIZE }));
    const MultipartUpload = { Parts: [{ PartNumber: 1, ETag }] };
    await client.send(new CompleteMultipartUploadCommand({ ...of, MultipartUpload }));

    const expected = createHash('sha256');
    for await (const piece of pieces(SIZE)) expected.update(piece);
    const digest = expected.digest('hex');
    for (const Key of ['put', 'parts']) {
      const { Body } = await client.send(new GetObjectCommand({ Bucket, Key }));
      const hash = createHash('sha256');
      for await (const chunk of Body as Readable) hash.update(chunk);
      expect(hash.digest('hex')).toBe(digest);
    }
    // Five times SIZE has passed. Dead buffers are collected in steps of some 60 MiB, so less can't be asked for.
    expect((await mostMemory()) - before).toBeLessThan(SIZE);
  } finally {
    client.destroy();
    await end();
    rmSync(dir, { recursive: true, force: true });
  }
}, 60_000);
