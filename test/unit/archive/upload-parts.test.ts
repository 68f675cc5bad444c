/** An object that is written in parts, step by step, against the laptop’s own S3, which refuses a part that is too small. */
import { GetObjectCommand, ListMultipartUploadsCommand, ListPartsCommand, type S3Client } from '@aws-sdk/client-s3';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { ObjectClients } from '../../../shared/archive/objects.ts';
import { objectSize } from '../../../shared/archive/objects.ts';
import {
  abortUpload,
  beginUpload,
  completeUpload,
  type Part,
  PartsWriter,
  type Upload,
} from '../../../shared/archive/upload-parts.ts';
import { bytesOf, openS3Door, patterned, type S3Door } from '../../local/s3/s3-door.ts';

const MIB = 1024 * 1024;
let door: S3Door;
let clients: ObjectClients;
let fail: ((command: string) => void) | undefined;
let sent: string[] = [];

beforeAll(async () => {
  door = await openS3Door();
  const s3: S3Client = door.client('Job');
  s3.middlewareStack.add(
    (next, { commandName = '' }) =>
      async (args) => {
        fail?.(commandName);
        sent.push(commandName);
        return next(args);
      },
    { step: 'initialize' },
  );
  clients = { account: 'acc', s3, archiveBucket: (await door.create('Bucket', {})).ref };
});
afterAll(() => door.close());

let count = 0;
async function begin(): Promise<Upload> {
  const name = `object-${++count}`;
  sent = [];
  return { name, id: await beginUpload(clients, name, 'application/zip') };
}

const sizes = async ({ name, id }: Upload) => {
  const { Parts = [] } = await clients.s3.send(
    new ListPartsCommand({ Bucket: clients.archiveBucket, Key: name, UploadId: id }),
  );
  return Parts.map(({ Size = 0 }) => Size);
};
const read = async ({ name }: Upload) =>
  bytesOf(await clients.s3.send(new GetObjectCommand({ Bucket: clients.archiveBucket, Key: name })));
const unfinished = async () =>
  (await clients.s3.send(new ListMultipartUploadsCommand({ Bucket: clients.archiveBucket }))).Uploads ?? [];

/** One step after the other, each from what the one before has left over; `again`: each is killed and done again. */
async function writeSteps(upload: Upload, steps: readonly (readonly Buffer[])[], again = false) {
  const parts: Part[] = [];
  let rest: Uint8Array = Buffer.alloc(0);
  for (const pieces of steps) {
    const begun = { next: parts.length + 1, rest };
    for (const _ of again ? [1, 2] : [1]) {
      const writer = new PartsWriter(clients, upload, begun);
      for (const piece of pieces) await writer.write(piece);
      const paused = await writer.pause();
      rest = paused.rest;
      if (_ === (again ? 2 : 1)) parts.push(...paused.parts);
    }
  }
  const writer = new PartsWriter(clients, upload, { next: parts.length + 1, rest });
  parts.push(...(await writer.end()));
  return parts;
}

const BIG = patterned(21 * MIB + 17);
const cut = (bytes: Buffer, size: number) =>
  Array.from({ length: Math.ceil(bytes.length / size) }, (_, i) => bytes.subarray(i * size, (i + 1) * size));

describe('an upload', () => {
  it.each([
    ['in one step', [cut(BIG, 64 * 1024)]],
    ['in steps of less than a part', cut(BIG, 3 * MIB).map((step) => cut(step, 100_000))],
    ['in steps of several parts', cut(BIG, 17 * MIB).map((step) => [step])],
    ['with steps that write nothing', [[], cut(BIG, MIB), []]],
  ])('becomes the object, %s, also where each step is done twice', async (_, steps) => {
    for (const again of [false, true]) {
      const upload = await begin();
      const parts = await writeSteps(upload, steps, again);
      const stored = await sizes(upload);
      expect(parts.map(({ number }) => number)).toEqual(stored.map((_size, i) => i + 1));
      for (const size of stored.slice(0, -1)) expect(size).toBeGreaterThanOrEqual(5 * MIB);
      expect(await objectSize(clients, upload.name)).toBeUndefined();
      await completeUpload(clients, upload, parts);
      expect((await read(upload)).equals(BIG)).toBe(true);
    }
  });

  it('of a step that was killed late, and does less when it is done again, has none of its later parts', async () => {
    const upload = await begin();
    const killed = new PartsWriter(clients, upload, { next: 1, rest: Buffer.alloc(0) });
    await killed.write(patterned(9 * MIB, 5));
    await killed.write(patterned(9 * MIB, 6));
    await killed.pause();
    expect(await sizes(upload)).toHaveLength(2);
    const writer = new PartsWriter(clients, upload, { next: 1, rest: Buffer.alloc(0) });
    await writer.write(patterned(9 * MIB, 7));
    await completeUpload(clients, upload, await writer.end());
    expect((await read(upload)).equals(patterned(9 * MIB, 7))).toBe(true);
  });

  it('of few bytes, or of none at all, has one part', async () => {
    for (const bytes of [Buffer.from('little'), Buffer.alloc(0)]) {
      const upload = await begin();
      const parts = await writeSteps(upload, [[bytes]]);
      expect(parts).toHaveLength(1);
      await completeUpload(clients, upload, parts);
      expect(await read(upload)).toEqual(bytes);
    }
  });

  it('leaves what is too little for a part to the next step, unsent', async () => {
    const upload = await begin();
    const writer = new PartsWriter(clients, upload, { next: 1, rest: Buffer.from('before ') });
    await writer.write(Buffer.from('after'));
    expect(await writer.pause()).toEqual({ parts: [], rest: Buffer.from('before after') });
    expect(sent).toEqual(['CreateMultipartUploadCommand']);
    await abortUpload(clients, upload);
  });

  it('whose part is refused tells whoever writes on, pauses or ends', async () => {
    const broken = (command: string) => {
      if (command === 'UploadPartCommand') throw new Error('no part');
    };
    const upload = await begin();
    fail = broken;
    const open = async () => {
      const writer = new PartsWriter(clients, upload, { next: 1, rest: Buffer.alloc(0) });
      await writer.write(patterned(8 * MIB));
      return writer;
    };
    try {
      await expect((await open()).write(patterned(8 * MIB))).rejects.toThrow('no part');
      await expect((await open()).pause()).rejects.toThrow('no part');
      await expect((await open()).end()).rejects.toThrow('no part');
    } finally {
      fail = undefined;
    }
    await abortUpload(clients, upload);
  });

  it('that is given up leaves nothing; giving it up again, or after its end, is no error', async () => {
    const upload = await begin();
    await writeSteps(upload, [[patterned(9 * MIB)]]);
    await abortUpload(clients, upload);
    await abortUpload(clients, upload);
    expect(await objectSize(clients, upload.name)).toBeUndefined();

    const whole = await begin();
    await completeUpload(clients, whole, await writeSteps(whole, [[Buffer.from('whole')]]));
    await abortUpload(clients, whole);
    expect((await read(whole)).toString()).toBe('whole');
    expect(await unfinished()).toEqual([]);
  });

  it('has parts that grow, so that 10,000 of them are enough for what anybody exports', async () => {
    // The 2,001st part is the first of twice the size.
    const upload = await begin();
    const writer = new PartsWriter(clients, upload, { next: 2001, rest: Buffer.alloc(0) });
    await writer.write(patterned(9 * MIB));
    expect((await writer.pause()).parts).toEqual([]);
    await writer.write(patterned(7 * MIB));
    expect((await writer.pause()).parts.map(({ number }) => number)).toEqual([2001]);
    await abortUpload(clients, upload);
  });
});
