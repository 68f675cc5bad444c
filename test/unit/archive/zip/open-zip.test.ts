import { describe, expect, it } from 'vitest';
import { openZip } from '../../../../shared/archive/zip/open-zip.ts';
import { type Contents, collect, has, judge, memorySource, readByYauzl, written } from './archives.ts';
import { extra64, type RawEnd, type RawEntry, rawZip } from './raw-zip.ts';

const LIMITS = { entries: 1000, bytes: 10_000_000 };

async function read(archive: Buffer, piece?: number): Promise<[string, Buffer][]> {
  const source = memorySource(archive, piece);
  const files: [string, Buffer][] = [];
  for (const file of await openZip(source, LIMITS)) {
    const contents = await collect(await file.open());
    expect(contents.length).toBe(file.size);
    files.push([file.name, contents]);
  }
  expect(source.open).toBe(0);
  return files;
}

const raw = (entries: RawEntry[], end?: RawEnd) => read(rawZip(entries, end));
const a = { name: 'a', contents: Buffer.from('alpha') };
const b = { name: 'b', contents: Buffer.from('beta') };
const AB = [
  ['a', Buffer.from('alpha')],
  ['b', Buffer.from('beta')],
];

describe('the crafted archives themselves', () => {
  it('are good ones when they tell no lie: what is refused below is refused for its lie', async () => {
    const archive = rawZip([a, { ...b, method: 0 }]);
    expect(await readByYauzl(archive)).toEqual(AB);
    if (has('unzip')) expect(judge(archive, 'unzip', '-t')).toContain('No errors detected');
  });
});

describe('openZip reads', () => {
  it('what the writer wrote, of any size and in any pieces', async () => {
    const contents: Contents = [
      ['readings/x.ndjson', Buffer.from('{"temperature":21.5}\n'.repeat(10_000))],
      ['empty', Buffer.alloc(0)],
      ['é/温.csv', Buffer.from('x')],
    ];
    for (const options of [{}, { level: 0 }, { large: true }]) {
      const archive = await written(contents, options);
      for (const piece of [61, 16_384]) expect(await read(archive, piece)).toEqual(contents);
    }
  });

  it('deflated and stored files', async () => {
    expect(await raw([a, { ...b, method: 0 }])).toEqual(AB);
    expect(await raw([{ ...a, method: 0, contents: Buffer.alloc(0) }])).toEqual([['a', Buffer.alloc(0)]]);
  });

  it('the files in the order of the directory, without directory entries', async () => {
    const entries = [{ name: 'z/' }, { name: 'z/2', contents: Buffer.from('2') }, { name: 'z/y/' }, b, a];
    expect((await raw(entries)).map(([name]) => name)).toEqual(['z/2', 'b', 'a']);
  });

  it('an archive without files', async () => {
    expect(await raw([])).toEqual([]);
  });

  it('comments, extra fields, gaps, modes and names without the UTF-8 flag', async () => {
    const extra = Buffer.from('554405000100000000', 'hex');
    const entries = [
      { ...a, comment: 'a comment', localExtra: extra, extra, gap: 99, mode: 0o100600 },
      { ...b, flags: 0, mode: 0o644, madeBy: 0 },
    ];
    expect(await raw(entries, { comment: 'of the archive' })).toEqual(AB);
    expect(await raw([{ ...a, name: 'é', flags: 0 }])).toEqual([['é', a.contents]]);
  });

  it('ZIP64 records where they are not needed', async () => {
    expect(await raw([a, b], { zip64: {} })).toEqual(AB);
    const offset = 0xffffffff;
    expect(await raw([{ ...a, offset, extra: extra64(0n) }, b])).toEqual(AB);
  });

  it('names that programming languages are fond of', async () => {
    const names = ['__proto__', 'constructor', 'toString', 'hasOwnProperty'];
    const contents = Buffer.from('harmless');
    expect(await raw(names.map((name) => ({ name, contents })))).toEqual(names.map((name) => [name, contents]));
    expect(({} as { harmless?: unknown }).harmless).toBeUndefined();
  });

  it('names of 1,000 bytes, and names that only look bad', async () => {
    for (const name of ['x'.repeat(1000), 'é'.repeat(500), '...', '.a', 'a..b/..c', '1:2', 'a b', '~', '-rf']) {
      expect((await raw([{ ...a, name }])).map(([read]) => read)).toEqual([name]);
    }
  });

  it('files whose names begin alike', async () => {
    const names = ['a', 'ab', 'a!/x', 'a.b', 'b/a', 'b!'];
    expect((await raw(names.map((name) => ({ ...a, name })))).map(([name]) => name)).toEqual(names);
  });
});

describe('openZip spares its source', () => {
  it('a small archive is opened in one read, and a file in one more', async () => {
    const source = memorySource(rawZip(Array.from({ length: 500 }, (_, i) => ({ ...a, name: `f${i}` }))));
    const files = await openZip(source, LIMITS);
    expect(source.reads).toEqual([[0, source.size]]);
    await collect(await files[77]!.open());
    expect(source.reads).toHaveLength(2);
    const [start, end] = source.reads[1]!;
    expect(end - start).toBeLessThan(50);
  });

  it('reads nothing of a file before somebody reads it, and lets go when they stop', async () => {
    const big = Buffer.alloc(3_000_000, 'noise?');
    const source = memorySource(rawZip([{ name: 'big', contents: big, method: 0 }]));
    const [file] = await openZip(source, LIMITS);
    const { delivered, reads } = { ...source, reads: source.reads.length };
    const contents = await file!.open();
    expect(source.reads).toHaveLength(reads);
    for await (const chunk of contents) {
      expect(chunk.length).toBeGreaterThan(0);
      break;
    }
    expect(source.open).toBe(0);
    expect(source.delivered - delivered).toBeLessThan(200_000);
  });

  it('what the source throws passes through as it is', async () => {
    const good = memorySource(rawZip([a]));
    const gone = { size: good.size, read: () => Promise.reject(new Error('S3 is away')) };
    await expect(openZip(gone, LIMITS)).rejects.toThrow('S3 is away');
    let reads = 0;
    const later = {
      size: good.size,
      read: (start: number, end: number) => (reads++ === 0 ? good.read(start, end) : gone.read()),
    };
    const [file] = await openZip(later, LIMITS);
    await expect((async () => collect(await file!.open()))()).rejects.toThrow('S3 is away');
    const short = { size: good.size, read: async (start: number) => good.read(start, start + 10) };
    await expect(openZip(short, LIMITS)).rejects.toThrow('instead of');
  });
});
