import { describe, expect, it } from 'vitest';
import { readThingerCsv } from '../../../shared/import/thinger-csv.ts';
import { type ThingerCsvCode, ThingerCsvError } from '../../../shared/import/thinger-csv-cells.ts';
import { readChunks, T } from './thinger-csv.ts';

describe('what is none', () => {
  const MIB = 1024 * 1024;
  const latin1 = Buffer.concat([Buffer.from(`ts;a\n${T};1\n${T};`), Buffer.from([0xfc]), Buffer.from('\n')]);

  it.each<[string, string | Uint8Array, ThingerCsvCode, number]>([
    ['nothing', '', 'empty', 1],
    ['a byte order mark', '\ufeff', 'empty', 1],
    ['blank lines', '\n\n\r\n', 'empty', 1],
    ['another header', `time;a\n${T};1\n`, 'no-time-column', 1],
    ['JSON', `[{"ts":${T}}]`, 'no-time-column', 1],
    ['a name twice', `ts;a;a\n${T};1;2\n`, 'not-csv', 1],
    ['a cell too few', `ts;a;b\n${T};1;2\n${T};1\n`, 'not-csv', 3],
    ['a cell too many', `ts;a\n\n${T};"1\r\n2"\n${T};1;2\n`, 'not-csv', 5],
    ['an open quote', `ts;a\n${T};1\n${T};"1\n${T};2\n`, 'not-csv', 3],
    ['Latin-1', latin1, 'not-csv', 3],
    ['UTF-16', Buffer.from(`\ufeffts;a\n${T};1\n`, 'utf16le'), 'not-csv', 1],
    ['a long cell', `ts;a\n${T};1\n${T};"${'x\n'.repeat(MIB / 2)}"\n`, 'not-csv', 3],
    ['a long header', 'x'.repeat(3 * MIB), 'not-csv', 1],
    ['no time', `ts;a\n${T};1\n;2\n`, 'bad-time', 3],
    ['a time before 1970', 'ts;a\n-1;1\n', 'bad-time', 2],
    ['a date before 1970', 'date;a\n1969-12-31T23:59:59Z;1\n', 'bad-time', 2],
    ['a time before 1970 by its offset', 'date;a\n1970-01-01T00:00:00+01:00;1\n', 'bad-time', 2],
    ['a day that is none', 'date;a\n2026-02-30T00:00:00Z;1\n', 'bad-time', 2],
    ['a day alone', 'date;a\n2026-02-03;1\n', 'bad-time', 2],
    ['a spreadsheet’s time', 'ts;a\n1.67E+12;1\n', 'bad-time', 2],
    ['a time beyond all calendars', 'ts;a\n8640000000000001;1\n', 'bad-time', 2],
  ])('%s', async (_, file, code, line) => {
    const error = await readChunks(file, 64 * 1024).catch((thrown) => thrown);
    expect(error).toBeInstanceOf(ThingerCsvError);
    expect([error.code, error.line]).toEqual([code, line]);
  });

  it.each([
    ['of empty cells', ';'],
    ['in quotes', '"'],
    ['of anything', 'x'],
  ])('a row without end %s, which fills no memory', async (_, char) => {
    let sent = 0;
    async function* file() {
      yield Buffer.from(`ts;a\n${T};1\n`);
      for (; ; sent++) yield Buffer.from(char.repeat(64 * 1024));
    }
    const error = await Array.fromAsync(readThingerCsv(file())).catch((thrown) => thrown);
    expect([error.code, error.line]).toEqual(['not-csv', 3]);
    expect(sent).toBeLessThan(24);
  });
});
