import { constants, deflateRawSync } from 'node:zlib';
import { describe, expect, it } from 'vitest';
import { openZip } from '../../../../shared/archive/zip/open-zip.ts';
import { memorySource, refusal } from './archives.ts';
import { a, b, contents } from './hostile.ts';
import { type RawEntry, rawZip } from './raw-zip.ts';

/** What a file delivers before it is refused, if it is, and what of the archive was taken meanwhile. */
async function readOnly(entry: RawEntry, { piece = 16_384, more = [] as RawEntry[] } = {}) {
  const source = memorySource(rawZip([entry, ...more]), piece);
  const [file] = await openZip(source, { entries: 10, bytes: 2 ** 40 });
  const before = source.delivered;
  let delivered = 0;
  const error = await refusal(async () => {
    for await (const bytes of await file!.open()) delivered += bytes.length;
  });
  await new Promise((resolve) => setTimeout(resolve, 20));
  expect(source.open).toBe(0);
  return { error, delivered, taken: source.delivered - before };
}

describe('files that are refused while they are read', () => {
  const long = Buffer.from('0123456789'.repeat(20_000));

  it.each<[string, RawEntry]>([
    ['another name in the local header', { ...a, localName: 'b' }],
    ['a longer name in the local header', { ...a, localName: 'aa', gap: 10 }],
    [
      'the longest name and extra field',
      { ...a, localName: 'n'.repeat(65_535), localExtra: Buffer.alloc(65_535), gap: 10 },
    ],
    ['another method in the local header', { ...a, localMethod: 0 }],
    ['no local header', { ...a, localSignature: 0x04034b51 }],
    [
      'a local header that reaches into the next',
      { ...a, data: Buffer.alloc(0), compressedSize: 8, localExtra: Buffer.alloc(8) },
    ],
    ['a wrong CRC', { ...a, crc: 1 }],
    ['a wrong CRC of a stored file', { ...a, method: 0, crc: 1 }],
    ['a wrong CRC of an empty file', { ...a, contents: Buffer.alloc(0), crc: 1 }],
    ['fewer bytes than declared', { ...a, size: 9 }],
    ['more bytes than declared', { ...a, size: 7 }],
    ['no deflated data', { ...a, data: Buffer.alloc(20, 0xff) }],
    ['deflated data that ends early', { ...a, contents: long, data: deflateRawSync(long).subarray(0, -3) }],
    ['deflated data without an end', { ...a, data: deflateRawSync(contents, { finishFlush: constants.Z_SYNC_FLUSH }) }],
    ['nothing, deflated', { ...a, contents: Buffer.alloc(0), data: Buffer.alloc(0) }],
    ['data after the end of the deflated data', { ...a, data: Buffer.concat([deflateRawSync(contents), long]) }],
  ])('%s', async (_what, entry) => {
    for (const piece of [13, 16_384]) {
      const { error, delivered } = await readOnly(entry, { piece, more: [{ ...b, name: 'next' }] });
      expect(error).toMatchObject({ code: 'damaged', file: 'a' });
      expect(delivered).toBeLessThanOrEqual(entry.size ?? entry.contents?.length ?? 0);
    }
  });

  it('a bomb: a GiB where 100 bytes are declared', async () => {
    const bomb = deflated(1024);
    expect(bomb.length).toBeGreaterThan(1_000_000);
    const { error, delivered, taken } = await readOnly({ name: 'bomb', data: bomb, size: 100, crc: 0 });
    expect(error).toMatchObject({ code: 'damaged', file: 'bomb' });
    expect(delivered).toBeLessThanOrEqual(100);
    expect(taken).toBeLessThan(200_000);
  });

  it('a bomb that declares some: no more than that is delivered, and little more inflated', async () => {
    const { delivered, taken } = await readOnly({ name: 'bomb', data: deflated(64), size: 1_000_000, crc: 0 });
    expect(delivered).toBeLessThanOrEqual(1_000_000);
    expect(delivered).toBeGreaterThan(800_000);
    expect(taken).toBeLessThan(200_000);
  });
});

/** So many MiB of zeros, deflated. */
function deflated(mebibytes: number): Buffer {
  const one = deflateRawSync(Buffer.alloc(1 << 20), { finishFlush: constants.Z_FULL_FLUSH });
  return Buffer.concat([...Array.from({ length: mebibytes }, () => one), Buffer.of(3, 0)]);
}
