/** Crashes, restarts, damage, and clients that go away. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import http from 'node:http';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { createInterface } from 'node:readline';
import { Readable } from 'node:stream';
import { GetObjectCommand, ListObjectsV2Command, PutObjectCommand } from '@aws-sdk/client-s3';
import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import { bytesOf, openS3Door, patterned, type S3Door } from './s3-door.ts';

let dir: string;
let open: S3Door | undefined;
beforeEach(() => {
  dir = mkdtempSync(path.join(tmpdir(), 'custodia-s3-'));
});
afterEach(async () => {
  await open?.close();
  open = undefined;
  rmSync(dir, { recursive: true, force: true });
});

const objects = () => readdirSync(path.join(dir, 'objects'));

async function start() {
  open = await openS3Door(dir);
  const { ref: Bucket } = await open.create('Bucket', {});
  return { door: open, Bucket, client: open.client('Owner') };
}

it('survives kill -9 with whole objects alone', async () => {
  const child = spawn(process.execPath, [path.join(import.meta.dirname, 'writer.ts'), dir], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const told: [string, number][] = [];
  for await (const line of createInterface(child.stdout)) {
    const [key = '', seed] = line.split(' ');
    told.push([key, Number(seed)]);
    if (told.length === 15) break;
  }
  child.kill('SIGKILL');
  await once(child, 'exit');

  const { client, Bucket } = await start();
  const { Contents = [] } = await client.send(new ListObjectsV2Command({ Bucket }));
  const keys = Contents.map(({ Key }) => Key ?? '');
  expect(keys).not.toContain('unfinished');
  expect(objects()).toHaveLength(keys.length);
  const newest = new Map(told);
  for (const key of newest.keys()) expect(keys).toContain(key);
  for (const key of keys) {
    const bytes = await bytesOf(await client.send(new GetObjectCommand({ Bucket, Key: key })));
    const number = Number(key.slice('object-'.length));
    const seeds = newest.get(key) === number + 1 ? [number + 1] : [number, number + 1];
    expect(seeds.some((seed) => bytes.equals(patterned(100_000, seed)))).toBe(true);
  }
});

it('an upload that its client abandons leaves nothing', async () => {
  const { client, Bucket } = await start();
  const abort = new AbortController();
  async function* half(): AsyncGenerator<Buffer> {
    yield Buffer.alloc(500_000);
    await vi.waitFor(() => expect(objects()).toHaveLength(1));
    abort.abort();
  }
  const put = new PutObjectCommand({ Bucket, Key: 'k', Body: Readable.from(half()), ContentLength: 1_000_000 });
  await expect(client.send(put, { abortSignal: abort.signal })).rejects.toThrow();
  await vi.waitFor(() => expect(objects()).toHaveLength(0));
  await expect(client.send(new GetObjectCommand({ Bucket, Key: 'k' }))).rejects.toMatchObject({ name: 'NoSuchKey' });
});

it('a reader who goes away, and a lost answer, leave no file open', async () => {
  const { client, Bucket, door } = await start();
  await client.send(new PutObjectCommand({ Bucket, Key: 'k', Body: patterned(5_000_000) }));
  const openFiles = () => readdirSync('/proc/self/fd').length;
  const get = () => client.send(new GetObjectCommand({ Bucket, Key: 'k' }));
  await bytesOf(await get());
  const before = process.platform === 'linux' ? openFiles() : 0;
  const error = { code: 'InternalError', status: 500 };
  door.door.faults.fail({ service: 's3', action: 'GetObject', when: 'after', times: 5, error });
  for (let i = 0; i < 5; i += 1) await expect(get()).rejects.toMatchObject({ name: 'InternalError' });
  for (let i = 0; i < 5; i += 1) (await get()).Body?.transformToWebStream().cancel();
  await vi.waitFor(() => expect(process.platform === 'linux' ? openFiles() : 0).toBeLessThanOrEqual(before + 1));
});

it('a refused upload does not spoil its connection', async () => {
  const { door, Bucket } = await start();
  const guest = door.client('Guest', []);
  const body = patterned(3_000_000);
  for (let i = 0; i < 3; i += 1)
    await expect(guest.send(new PutObjectCommand({ Bucket, Key: 'k', Body: body }))).rejects.toMatchObject({
      name: 'AccessDenied',
    });
  const agent = new http.Agent({ keepAlive: true, maxSockets: 1 });
  const status = (method: string, send?: Buffer) =>
    new Promise((resolve, reject) => {
      const request = http.request(`${door.door.url}/${Bucket}/k`, { method, agent }, (answer) => {
        answer.resume().on('end', () => resolve(answer.statusCode));
      });
      request.on('error', reject).end(send);
    });
  expect([await status('PUT', body), await status('GET'), await status('PUT', body)]).toEqual([403, 403, 403]);
  agent.destroy();
});

it('objects outlive a restart; a lost file or a damaged index is named', async () => {
  const first = await start();
  await first.client.send(new PutObjectCommand({ Bucket: first.Bucket, Key: 'k', Body: 'kept', Metadata: { a: '1' } }));
  await first.door.close();
  const second = await start();
  const answer = await second.client.send(new GetObjectCommand({ Bucket: second.Bucket, Key: 'k' }));
  expect([(await bytesOf(answer)).toString(), answer.Metadata]).toEqual(['kept', { a: '1' }]);
  await second.door.close();
  open = undefined;
  const [file = ''] = objects();
  rmSync(path.join(dir, 'objects', file));
  await expect(start()).rejects.toThrow(path.join(dir, 'objects', file));
  for (const name of readdirSync(dir)) if (name.startsWith('s3.sqlite-')) rmSync(path.join(dir, name));
  writeFileSync(path.join(dir, 's3.sqlite'), 'no database at all, but long enough to be taken for one'.repeat(100));
  await expect(start()).rejects.toThrow('s3.sqlite');
});
