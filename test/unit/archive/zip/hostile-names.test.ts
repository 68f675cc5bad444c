import { describe, expect, it } from 'vitest';
import { openZip } from '../../../../shared/archive/zip/open-zip.ts';
import { memorySource } from './archives.ts';
import { a, b, contents, refused } from './hostile.ts';
import { rawZip } from './raw-zip.ts';

describe('names that are refused', () => {
  it.each([
    ['empty', ''],
    ['absolute', '/etc/passwd'],
    ['of a drive', 'C:\\x'],
    ['of a drive, with a slash', 'c:/x'],
    ['relative to a drive', 'c:x'],
    ['with a backslash', 'a\\b'],
    ['that leave', '../x'],
    ['that leave in between', 'a/../../x'],
    ['that leave at the end', 'a/..'],
    ['of a directory that leaves', '../'],
    ['with a dot', './x'],
    ['with a dot in between', 'a/./x'],
    ['that are a dot', '.'],
    ['with an empty segment', 'a//b'],
    ['that are a slash', '/'],
    ['with two slashes at the end', 'a//'],
    ['with NUL', 'a\0.txt'],
    ['with a line break', 'a\nb'],
    ['with DEL', 'a\x7f'],
    ['with a C1 control', 'a\u0085'],
    ['not in NFC', 'e\u0301'],
    ['longer than 1,000 bytes', 'x'.repeat(1001)],
    ['longer than 1,000 bytes, not characters', 'é'.repeat(501)],
  ])('%s', async (_what, name) => {
    expect(await refused([b, { ...a, name }])).toMatchObject({
      code: 'bad-name',
      file: Buffer.from(name).toString('utf8', 0, 1000),
    });
  });

  it('not UTF-8, flagged as such or not', async () => {
    for (const flags of [0, 0x800]) {
      const name = Buffer.from([0x61, 0xff, 0x2e]);
      expect(await refused([{ ...a, name, flags }])).toMatchObject({ code: 'bad-name' });
      const overlong = Buffer.from([0x2e, 0x2e, 0xc0, 0xaf, 0x78]); // "../x" for a careless decoder
      expect(await refused([{ ...a, name: overlong, flags }])).toMatchObject({ code: 'bad-name' });
    }
  });

  it.each([
    ['twice the same', ['a', 'a'], 'a'],
    ['the same but for case', ['x/A', 'x/a'], 'x/a'],
    ['the same but for case beyond ASCII', ['É', 'é'], 'é'],
    ['a file that is a folder of another', ['a/b', 'a'], 'a'],
    ['a file that is a folder far above another', ['a/b/c/d', 'a!', 'a/b'], 'a/b'],
    ['a file that is a folder but for case', ['A', 'a/b'], 'A'],
    ['a file and a directory', ['a', 'a/'], 'a/'],
    ['two directories', ['a/', 'A/'], 'A/'],
  ])('%s', async (_what, names, file) => {
    const entries = names.map((name) => (name.endsWith('/') ? { name } : { name, contents }));
    expect(await refused(entries)).toMatchObject({ code: 'duplicate-name', file });
  });

  it('deep and many, in reasonable time', async () => {
    const entries = Array.from({ length: 1000 }, (_, i) => ({
      name: `${'d/'.repeat(497)}${i}`,
      data: Buffer.alloc(0),
    }));
    const begin = performance.now();
    await openZip(memorySource(rawZip(entries), 1 << 20), { entries: 1000, bytes: 0 });
    expect(performance.now() - begin).toBeLessThan(5000);
  });
});
