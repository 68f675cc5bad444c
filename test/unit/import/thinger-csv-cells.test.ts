import { describe, expect, it } from 'vitest';
import { stringifyJson } from '../../../shared/platform/json-value.ts';
import { readChunks, shownRows, T } from './thinger-csv.ts';

describe('a row', () => {
  it.each([
    ['1671536877360', T],
    [' 1671536877360 ', T],
    ['1671536877', 1671536877000],
    ['0', 0],
    ['99999999999', 99999999999000],
    ['100000000000', 100000000000],
    ['2022-12-20T11:47:57.360Z', T],
    ['2022-12-20T12:47:57.360+01:00', T],
    ['2022-12-20T12:47:57.360+0100', T],
    ['2022-12-20T11:47:57.360', T],
    ['2022-12-20 11:47:57.360', T],
    ['2022-12-20 11:47:57.360999', T],
    ['2022-12-20T11:47', T - 57360],
    ['1970-01-01T00:00:00Z', 0],
  ])('has the time %j', async (text, ts) => {
    expect(await readChunks(`date,a\n${text},1\n`)).toEqual([{ line: 2, ts, value: { a: 1 } }]);
  });

  it.each([
    ['1', '1'],
    ['-0', '-0'],
    ['1.50', '1.5'],
    ['9007199254740993', '9007199254740993'],
    ['0.1234567890123456789', '0.1234567890123456789'],
    ['1e400', '1e400'],
    ['true', 'true'],
    ['false', 'false'],
    ['"{""a"":[1,null]}"', '{"a":[1,null]}'],
    ['[1]', '[1]'],
    ['{"a":1}', '{"a":1}'],
    ['{"a":', '"{\\"a\\":"'],
    ['007', '"007"'],
    ['+1', '"+1"'],
    ['"1,5"', '"1,5"'],
    ['.5', '".5"'],
    ['NaN', '"NaN"'],
    ['TRUE', '"TRUE"'],
    ['null', '"null"'],
    [' 1', '" 1"'],
    ['5" pipe', '"5\\" pipe"'],
    ['"a ""b"", c"', '"a \\"b\\", c"'],
    ['ü🌡', '"ü🌡"'],
  ])('has the cell %j as %s', async (cell, json) => {
    for (const size of [1, 1000]) {
      expect(shownRows(await readChunks(`ts,x\n${T},${cell}\n`, size))).toEqual([[2, T, `{"x":${json}}`]]);
    }
  });

  it('keeps a cell of JSON that is too deep as text', async () => {
    const nested = (levels: number) => '['.repeat(levels) + ']'.repeat(levels);
    const [fits, deep] = await readChunks(`ts,x\n${T},${nested(63)}\n${T},${nested(64)}\n`);
    expect(stringifyJson(fits?.value ?? null)).toBe(`{"x":${nested(63)}}`);
    expect(deep?.value).toEqual({ x: nested(64) });
  });
});
