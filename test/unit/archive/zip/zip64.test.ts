import { describe, expect, it } from 'vitest';
import { fromBufferPromise, fromRandomAccessReaderPromise } from 'yauzl';
import { openZip } from '../../../../shared/archive/zip/open-zip.ts';
import { DirectoryReader, type ZipSource } from '../../../../shared/archive/zip/zip-source.ts';
import { type OpenEntry, writeDirectory, type ZipEntry, ZipWriter } from '../../../../shared/archive/zip/zip-writer.ts';
import { Collector, collect, has, judge, memorySource, refusal } from './archives.ts';

const GIB_4 = 0x1_0000_0000;
const MAX = GIB_4 - 2;

describe('more entries than 16 bits count', () => {
  const COUNT = 66_000;

  async function many(): Promise<Buffer> {
    const chunks: Uint8Array[] = [];
    const sink = async (bytes: Uint8Array) => void chunks.push(bytes);
    const writer = new ZipWriter(sink, 0);
    const entries: ZipEntry[] = [];
    for (let i = 0; i < COUNT; i++) {
      await writer.begin(`f/${i}`);
      if (i % 6600 === 0) await writer.write(Buffer.from(`contents ${i}`));
      entries.push(await writer.end());
    }
    await writeDirectory(sink, writer.at, entries);
    return Buffer.concat(chunks);
  }

  it('are read by yauzl, by Python, and by our own reader in few reads', async () => {
    const archive = await many();
    const zip = await fromBufferPromise(archive);
    const entries = await Array.fromAsync(zip.eachEntry());
    expect(entries).toHaveLength(COUNT);
    expect(await collect(await zip.openReadStreamPromise(entries[6600]!))).toEqual(Buffer.from('contents 6600'));
    if (has('python3')) {
      const script =
        'import sys, zipfile; z = zipfile.ZipFile(sys.argv[1]); print(len(z.namelist()), z.read("f/65999"))';
      expect(judge(archive, 'python3', '-c', script)).toBe(`${COUNT} b''\n`);
    }
    const source = memorySource(archive, 1 << 20);
    const files = await openZip(source, { entries: COUNT, bytes: 1000 });
    expect(files).toHaveLength(COUNT);
    expect(source.reads.length).toBeLessThan(8);
    expect(await collect(await files[59_400]!.open())).toEqual(Buffer.from('contents 59400'));
  });
});

/** What a sparse archive has from `at` on, before which nothing of interest lies. */
const sparse = (at: number, bytes: Buffer): ZipSource => ({
  size: at + bytes.length,
  read: async (start, end) =>
    (async function* () {
      if (start < at) yield Buffer.alloc(Math.min(end, at) - start);
      if (end > at) yield bytes.subarray(Math.max(0, start - at), end - at);
    })(),
});

describe('beyond 4 GiB', () => {
  it('an entry that lies there is found there', async () => {
    const out = new Collector();
    const at = 5 * GIB_4 + 17;
    const writer = new ZipWriter(out.sink, at);
    await writer.begin('far');
    await writer.write(Buffer.from('away'));
    const entry = await writer.end();
    expect(entry.offset).toBe(at);
    const size = await writeDirectory(out.sink, writer.at, [entry]);
    expect(size).toBe(at + out.bytes.length);
    const [file] = await openZip(sparse(at, out.bytes), { entries: 1, bytes: 100 });
    expect((await collect(await file!.open())).toString()).toBe('away');
  });

  it('an entry that is larger has its sizes in the descriptor and the directory', async () => {
    const out = new Collector();
    const open: OpenEntry = { name: 'big', offset: 0, size: MAX, compressedSize: MAX, crc32: 0, large: true };
    const at = MAX + 53;
    const writer = new ZipWriter(out.sink, at, open);
    await writer.write(Buffer.alloc(100, 'x'));
    const entry = await writer.end();
    expect(entry.size).toBe(MAX + 100);
    expect(entry.compressedSize).toBe(MAX + out.bytes.length - 24);
    const descriptor = out.bytes.subarray(-24);
    expect(Number(descriptor.readBigUInt64LE(8))).toBe(entry.compressedSize);
    expect(Number(descriptor.readBigUInt64LE(16))).toBe(entry.size);

    const size = await writeDirectory(out.sink, writer.at, [entry]);
    const zip = await fromRandomAccessReaderPromise(new DirectoryReader(sparse(at, out.bytes)), size);
    const read = await Array.fromAsync(zip.eachEntry());
    expect(read[0]).toMatchObject({
      fileName: 'big',
      uncompressedSize: entry.size,
      compressedSize: entry.compressedSize,
      relativeOffsetOfLocalHeader: 0,
    });
  });

  it('an entry that was not begun as large stops short of what its fields can say', async () => {
    const open = { name: 'big', offset: 0, size: MAX - 10, compressedSize: 100, crc32: 0, large: false };
    const fits = new ZipWriter(new Collector().sink, 200, open);
    await fits.write(Buffer.alloc(10));
    expect(await fits.end()).toMatchObject({ size: MAX });
    const passes = new ZipWriter(new Collector().sink, 200, open);
    expect(await refusal(() => passes.write(Buffer.alloc(11)))).toMatchObject({ code: 'too-large', file: 'big' });
  });

  it('so does one whose compressed data would pass', async () => {
    const open = { name: 'big', offset: 0, size: 100, compressedSize: MAX - 10, crc32: 0, large: false };
    const writer = new ZipWriter(new Collector().sink, MAX, open, { level: 0 });
    const run = async () => {
      await writer.write(Buffer.alloc(100));
      await writer.end();
    };
    expect(await refusal(run)).toMatchObject({ code: 'too-large', file: 'big' });
  });
});
