import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { readThingerCsv } from '../../../shared/import/thinger-csv.ts';
import { RUNS } from '../readings/codec/arbitraries.ts';
import { readChunks, shownRows, T } from './thinger-csv.ts';

const ISO = new Date(T).toISOString();

describe('an export of Thinger.io', () => {
  it('is read as its documentation has it: `ts` in milliseconds, separated by ;', async () => {
    const file = `ts;lat;lng;temperature\n${T};40.416775;-3.70379;23.33\n${T + 1};;;24\n`;
    expect(shownRows(await readChunks(file))).toEqual([
      [2, T, '{"lat":40.416775,"lng":-3.70379,"temperature":23.33}'],
      [3, T + 1, '{"temperature":24}'],
    ]);
  });

  it.each([
    ['commas', `ts,a,b\n${T},1,2\n`],
    ['CRLF', `ts;a;b\r\n${T};1;2\r\n`],
    ['CR', `ts;a;b\r${T};1;2\r`],
    ['mixed line ends and none at the end', `ts;a;b\n${T};1;2\r\n${''}`],
    ['a byte order mark', `\ufeffts;a;b\n${T};1;2`],
    ['a byte order mark before a quote', `\ufeff"ts";"a";"b"\n"${T}";"1";"2"`],
    ['blank lines', `\nts;a;b\n\n${T};1;2\n\n`],
    ['the time elsewhere', `a;ts;b\n1;${T};2\n`],
    ['a name in capitals', `a;TS ;b\n1;${T};2\n`],
    ['a date', `Date,a,b\n${ISO},1,2\n`],
    ['delimiters in quoted names', `"x;y;z;ts",ts,a,b\n,${T},1,2\n`],
  ])('may have %s', async (_, file) => {
    for (const size of [1, 2, 3, 1000]) {
      expect((await readChunks(file, size)).map(({ ts, value }) => [ts, value])).toEqual([[T, { a: 1, b: 2 }]]);
    }
  });

  it('keeps names as they are, and harms nothing by them', async () => {
    const rows = await readChunks(`ts,a.b,a_b,__proto__,constructor,Date\n${T},1,2,"{""polluted"":3}",4,5\n`);
    expect(shownRows(rows)).toEqual([[2, T, '{"a.b":1,"a_b":2,"__proto__":{"polluted":3},"constructor":4,"Date":5}']]);
    expect(({} as { polluted?: unknown }).polluted).toBeUndefined();
  });

  it('without rows, or with empty ones, has no readings or empty ones', async () => {
    expect(await readChunks('ts;a;b\n')).toEqual([]);
    expect(await readChunks(`ts;a;b\n${T};;\n`)).toEqual([{ line: 2, ts: T, value: {} }]);
    expect(await readChunks(`ts\n${T}\n`)).toEqual([{ line: 2, ts: T, value: {} }]);
  });

  it('reads back what any cells were written as, with the lines where they begin', async () => {
    const text = fc.oneof(
      fc.string({ unit: 'grapheme', maxLength: 12 }),
      fc.string({ unit: fc.constantFrom('"', ',', ';', '\n', '\r', 'a', 'é', '🌡'), maxLength: 8 }),
    );
    const table = fc.tuple(
      fc.uniqueArray(text, { minLength: 1, maxLength: 4 }),
      fc.array(fc.array(text, { minLength: 4, maxLength: 4 }), { maxLength: 8 }),
      fc.integer({ min: 1, max: 64 }),
    );
    await fc.assert(
      fc.asyncProperty(table, async ([names, cells, size]) => {
        const header = ['ts', ...names.map((name) => `n${name}`)];
        const rows = cells.map((row) => [String(T), ...row.slice(0, names.length).map((cell) => cell && `s${cell}`)]);
        const lines = [header, ...rows].map(
          (row) => `${row.map((cell) => `"${cell.replaceAll('"', '""')}"`).join(',')}\r\n`,
        );
        const expected = rows.map((row, at) => ({
          line:
            1 +
            (lines
              .slice(0, at + 1)
              .join('')
              .match(/\r\n|\r|\n/g)?.length ?? 0),
          ts: T,
          value: Object.fromEntries(row.flatMap((cell, i) => (i > 0 && cell ? [[header[i] as string, cell]] : []))),
        }));
        expect(await readChunks(lines.join(''), size)).toEqual(expected);
      }),
      RUNS,
    );
  });

  it('streams: rows come while the file is still being read', async () => {
    let sent = 0;
    async function* file() {
      yield Buffer.from('ts;a\n');
      for (; sent < 1000; sent++) yield Buffer.from(`${T + sent};${'x'.repeat(10_000)}\n`);
    }
    let seen = 0;
    for await (const { ts } of readThingerCsv(file())) {
      expect(ts).toBe(T + seen);
      seen += 1;
      expect(sent - seen).toBeLessThan(100);
    }
    expect(seen).toBe(1000);
  });

  it('closes its source when its reader has enough', async () => {
    let closed = false;
    async function* file() {
      try {
        for (let i = 0; ; i++) yield Buffer.from(i === 0 ? 'ts;a\n' : `${T};${i}\n`);
      } finally {
        closed = true;
      }
    }
    for await (const _ of readThingerCsv(file())) break;
    await expect.poll(() => closed).toBe(true);
  });

  it('fails as its source does', async () => {
    async function* file() {
      yield Buffer.from(`ts;a\n${T};1\n`);
      throw new Error('gone');
    }
    await expect(Array.fromAsync(readThingerCsv(file()))).rejects.toThrow('gone');
  });
});
