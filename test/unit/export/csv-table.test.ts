import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parse } from 'csv-parse/sync';
import fc from 'fast-check';
import { afterAll, describe, expect, it } from 'vitest';
import { cellOf } from '../../../shared/export/tables/cell.ts';
import { ColumnFinder } from '../../../shared/export/tables/columns.ts';
import { longHead, longLine, wideHead, wideLine } from '../../../shared/export/tables/csv-table.ts';
import type { TableRow } from '../../../shared/export/tables/table-row.ts';
import { JsonNumber, type JsonValue, parseJson, stringifyJson } from '../../../shared/platform/json-value.ts';
import { query } from '../../support/duckdb.ts';
import { json, RUNS } from '../readings/codec/arbitraries.ts';

const AT = '2026-03-01T10:00:00.123Z';
const rowOf = (value: JsonValue): TableRow => ({
  ts: Date.parse(AT),
  receivedAt: 0,
  device: 'dev_a',
  stream: 's',
  value,
});

function wide(rows: readonly TableRow[]): string {
  const finder = new ColumnFinder();
  for (const { value } of rows) finder.see(value);
  const columns = finder.columns() ?? [];
  return wideHead(columns) + rows.map((row) => wideLine(row, columns)).join('');
}
const long = (rows: readonly TableRow[]) => longHead() + rows.map(longLine).join('');

const cellsOf = (text: string): string[][] => parse(text, { record_delimiter: '\r\n' });
const unguarded = (text: string) => text.replace(/^'(?=[=+\-@\t\r])/, '');

describe('the long form', () => {
  it('reads back as what it was made of', () => {
    fc.assert(
      fc.property(fc.array(json, { maxLength: 8 }), (values) => {
        const [head, ...lines] = cellsOf(long(values.map(rowOf)));
        expect(head).toEqual(['ts', 'device', 'stream', 'value']);
        expect(lines).toEqual(values.map((value) => [AT, 'dev_a', 's', stringifyJson(value)]));
      }),
      RUNS,
    );
  });
});

describe('the wide form', () => {
  it('reads back as the cells that it was made of', () => {
    fc.assert(
      fc.property(fc.array(json, { maxLength: 8 }), (values) => {
        const finder = new ColumnFinder();
        for (const value of values) finder.see(value);
        const columns = finder.columns() ?? [];
        const [head, ...lines] = cellsOf(wide(values.map(rowOf)));
        expect(head?.slice(3).map(unguarded)).toEqual(columns.map(({ name }) => name));
        const expected = values.map((value) =>
          columns.map((column) => {
            const cell = cellOf(value, column);
            if (cell instanceof JsonNumber) return cell.source;
            // As the encoder to UTF-8 writes it.
            return Object.is(cell, -0) ? '-0' : String(cell ?? '').toWellFormed();
          }),
        );
        expect(lines.map((line) => line.slice(0, 3))).toEqual(values.map(() => [AT, 'dev_a', 's']));
        // A string that came with the apostrophe itself loses it here, and has it in both.
        expect(lines.map((line) => line.slice(3).map(unguarded))).toEqual(expected.map((line) => line.map(unguarded)));
      }),
      RUNS,
    );
  });

  it('shows numbers and booleans bare, text as it is, the rest as JSON', () => {
    const rows = ['{"b":true,"i":-5,"n":1e-7,"s":"a, \\"b\\"","j":[1,"x"],"x":9007199254740993}', '{"s":"","x":2}'];
    expect(wide(rows.map((text) => rowOf(parseJson(text))))).toBe(
      'ts,device,stream,b,i,j,n,s,x\r\n' +
        `${AT},dev_a,s,true,-5,"[1,""x""]",1e-7,"a, ""b""",9007199254740993\r\n` +
        `${AT},dev_a,s,,,,,,2\r\n`,
    );
  });

  it.each(['=1+1', '+1', '-1', '@SUM(A1)', '\t=1', '\r=1'])('never lets text begin a formula: %j', (text) => {
    const [head, line] = cellsOf(wide([rowOf({ [text]: text })]));
    expect(head?.[3]).toBe(`'${text}`);
    expect(line?.[3]).toBe(`'${text}`);
  });

  it('leaves numbers, JSON and other text as they are', () => {
    const [, first, second] = cellsOf(wide([rowOf({ a: -5, b: -1, c: "'=", d: '1=2' }), rowOf({ a: -0.5, b: '-1' })]));
    expect(first?.slice(3)).toEqual(['-5', '-1', "'=", '1=2']);
    expect(second?.slice(3)).toEqual(['-0.5', '"-1"', '', '']);
  });
});

describe('DuckDB', () => {
  const folder = mkdtempSync(join(tmpdir(), 'custodia-csv-'));
  afterAll(() => rmSync(folder, { recursive: true, force: true }));

  const rows: TableRow[] = Array.from({ length: 5000 }, (_, i) => ({
    ts: 1_700_000_000_000 + i * 1001,
    receivedAt: 1_700_000_000_000,
    device: `dev_${i % 7}`,
    stream: 'telemetry',
    value: {
      t: i / 4,
      n: i - 2500,
      on: i % 2 === 0,
      text: ['ä, "ö"\r\nü', '=1+1', '🌡', 'x'.repeat(1000)][i % 4] as string,
      ...(i % 5 === 0 ? { list: [i] } : {}),
    },
  }));
  const expected = {
    rows: 5000n,
    devices: 7n,
    first: new Date(1_700_000_000_000),
    last: new Date(1_700_000_000_000 + 4999 * 1001),
    t: (4999 * 5000) / 8,
    n: -2500n,
  };
  const write = (name: string, text: string) => {
    const path = join(folder, name);
    writeFileSync(path, text);
    return path;
  };

  it('reads the long form', async () => {
    const path = write('long.csv', long(rows));
    const value = (name: string, type: string) => `(value->>'$.${name}')::${type}`;
    const [sums] = await query(
      `SELECT count(*) AS rows, count(DISTINCT device) AS devices, min(ts) AS first, max(ts) AS last,
         sum(${value('t', 'DOUBLE')}) AS t, sum(${value('n', 'BIGINT')})::BIGINT AS n
       FROM read_csv('${path}', types = {'value': 'JSON'})`,
    );
    expect(sums).toEqual(expected);
  });

  it('reads the wide form, with types that it finds itself', async () => {
    const path = write('wide.csv', wide(rows));
    const [sums] = await query(
      `SELECT count(*) AS rows, count(DISTINCT device) AS devices, min(ts) AS first, max(ts) AS last,
         sum(t) AS t, sum(n)::BIGINT AS n FROM read_csv('${path}')`,
    );
    expect(sums).toEqual(expected);
    const [others] = await query(
      `SELECT count(*) FILTER ("on") AS on, count(list) AS lists, count(*) FILTER (text = '''=1+1') AS guarded,
         count(*) FILTER (text = 'ä, "ö"' || chr(13) || chr(10) || 'ü') AS quoted, max(length(text)) AS longest
       FROM read_csv('${path}')`,
    );
    expect(others).toEqual({ on: 2500n, lists: 1000n, guarded: 1250n, quoted: 1250n, longest: 1000n });
  });
});
