import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { ArchiveError } from '../../../../shared/archive/zip/archive-error.ts';
import { openZip } from '../../../../shared/archive/zip/open-zip.ts';
import { collect, memorySource, written } from './archives.ts';
import { a, b, contents, LIMITS, refused, refusedToOpen } from './hostile.ts';
import { extra64, type RawEnd, type RawEntry, rawZip } from './raw-zip.ts';

describe('entries that are refused', () => {
  it.each([
    ['a symbolic link', { mode: 0o120777 }],
    ['a symbolic link, as if not made by unix', { mode: 0o120777, madeBy: 0 }],
    ['a device', { mode: 0o020600 }],
    ['a block device', { mode: 0o060600 }],
    ['a FIFO', { mode: 0o010600 }],
    ['a socket', { mode: 0o140600 }],
    ['a directory that is called like a file', { mode: 0o040755 }],
    ['encrypted', { flags: 1 }],
    ['strongly encrypted', { flags: 0x41 }],
    ['with masked headers', { flags: 0x2000 }],
    ['a patch', { flags: 0x20 }],
    ['bzip2', { method: 12 }],
    ['zstandard', { method: 93 }],
    ['deflate64', { method: 9 }],
  ])('%s', async (_what, lie) => {
    expect(await refused([b, { ...a, ...lie }])).toMatchObject({ code: 'unsupported' });
  });

  it('directories with data', async () => {
    expect(await refused([{ name: 'a/', contents }])).toMatchObject({ code: 'unsupported', file: 'a/' });
  });

  it('too many', async () => {
    const limits = { ...LIMITS, entries: 1 };
    expect(await refused([a, b], {}, limits)).toMatchObject({ code: 'too-many-files' });
    expect(await openZip(memorySource(rawZip([a])), limits)).toHaveLength(1);
    expect(await refused([a], { zip64: { count: 2 ** 52 } })).toMatchObject({ code: 'too-many-files' });
  });

  it('too large, each or all together', async () => {
    const limits = { ...LIMITS, bytes: 15 };
    expect(await refused([a, b], {}, limits)).toMatchObject({ code: 'too-large', file: 'b' });
    expect(await openZip(memorySource(rawZip([a, b])), { ...LIMITS, bytes: 16 })).toHaveLength(2);
    expect(await refused([{ ...a, size: 0xfffffffe }])).toMatchObject({ code: 'too-large' });
    const size = 0xffffffff;
    expect(await refused([{ ...a, size, extra: extra64(2n ** 64n - 1n) }])).toMatchObject({ code: 'too-large' });
  });
});

describe('archives whose records contradict each other', () => {
  const local = 30 + 1;

  it.each<[string, RawEntry[], RawEnd?]>([
    ['two files in one place', [a, { ...a, name: 'b', offset: 0 }]],
    [
      'a file within another',
      [
        { ...a, contents: Buffer.alloc(200), method: 0 },
        { ...b, offset: 50 },
      ],
    ],
    ['a file that reaches into the next', [{ ...a, method: 0, size: 40, compressedSize: 40 }, b]],
    ['a file that reaches into the directory', [a, { ...b, method: 0, size: 9, compressedSize: 9 }]],
    ['a file beyond the end', [{ ...a, offset: 0xfffffff0 }]],
    ['a file far beyond the end', [{ ...a, offset: 0xffffffff, extra: extra64(2n ** 63n) }]],
    ['a compressed size beyond all numbers', [{ ...a, compressedSize: 0xffffffff, extra: extra64(2n ** 64n - 1n) }]],
    ['a file within the directory', [a, { ...b, offset: 2 * local + 20 }]],
    ['more entries than there are', [a], { count: 2 }],
    ['a directory elsewhere', [a], { directoryAt: 3 }],
    ['a directory beyond the end', [a], { directoryAt: 0xfffffff0 }],
    ['a ZIP64 field that lacks the size', [{ ...a, size: 0xffffffff, extra: extra64() }]],
    ['an extra field that is longer than it is', [{ ...a, extra: Buffer.from('01000900aaaa', 'hex') }]],
    ['a stored file of two sizes', [{ ...a, method: 0, size: 7 }]],
  ])('%s', async (_what, entries, end) => {
    expect(await refused(entries, end)).toMatchObject({ code: 'damaged' });
  });

  it('several disks', async () => {
    expect(await refused([a], { disk: 1 })).toMatchObject({ code: 'unsupported' });
  });

  it('garbage, nothing, an end alone that lies, and whatever was cut off', async () => {
    for (const bytes of [Buffer.alloc(0), Buffer.from('PK'), Buffer.alloc(100_000, 'PK\x03\x04')]) {
      expect(await refusedToOpen(bytes)).toMatchObject({ code: 'not-a-zip' });
    }
    expect(await refused([], { zip64: { at: 2 ** 52 } })).toMatchObject({ code: 'not-a-zip' });
    expect(await refused([], { zip64: { at: 1 } })).toMatchObject({ code: 'not-a-zip' });
    const archive = rawZip([a, b]);
    for (let length = 0; length < archive.length; length++) {
      expect(await refusedToOpen(archive.subarray(0, length))).toMatchObject({ code: 'not-a-zip' });
    }
    const tail = archive.subarray(10);
    expect(['damaged', 'not-a-zip']).toContain((await refusedToOpen(tail)).code);
  });

  it('any bytes that were changed: an ArchiveError or the same contents, and nothing else', async () => {
    const archive = await written([
      ['first', Buffer.from('first contents, first contents')],
      ['second/file', Buffer.from('more')],
    ]);
    const expected = new Set(['first contents, first contents', 'more']);
    const change = fc.array(fc.tuple(fc.nat(archive.length - 1), fc.nat(255)), { minLength: 1, maxLength: 4 });
    await fc.assert(
      fc.asyncProperty(change, async (changes) => {
        const bytes = Buffer.from(archive);
        for (const [at, value] of changes) bytes[at] = value;
        try {
          for (const file of await openZip(memorySource(bytes), LIMITS)) {
            expect(expected).toContain((await collect(await file.open())).toString());
          }
        } catch (error) {
          if (!(error instanceof ArchiveError)) throw error;
        }
      }),
      { numRuns: 1000 },
    );
  });
});
