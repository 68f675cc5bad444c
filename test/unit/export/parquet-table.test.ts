import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Column } from '../../../shared/export/tables/column.ts';
import { ParquetTable } from '../../../shared/export/tables/parquet-table.ts';
import { parseJson } from '../../../shared/platform/json-value.ts';
import { query } from '../../support/duckdb.ts';
import { json } from '../readings/codec/arbitraries.ts';
import { columnsOf, expectedRow, fileOf, hyparquetRows, orNull, rowOf, save } from './parquet-files.ts';

/** By position, as names may be anything. */
async function duckdbRows(parts: readonly Uint8Array[], columns: readonly Column[]): Promise<unknown[][]> {
  const names = Array.from({ length: 5 + columns.length }, (_, i) => `c${i}`);
  const rows = await query(`SELECT * FROM read_parquet('${save(parts)}') AS t(${names.join(', ')})`);
  return rows.map((row) => names.map((name) => row[name]));
}

describe('a Parquet file', () => {
  it('reads back as its rows, by hyparquet', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(json, { maxLength: 40 }), async (values) => {
        const rows = values.map(rowOf);
        const columns = columnsOf(rows);
        const read = await hyparquetRows(await fileOf(rows, columns));
        expect(orNull(read)).toEqual(rows.map((row) => expectedRow(row, columns)));
      }),
      { numRuns: 100 },
    );
  });

  it('reads back as its rows, by DuckDB', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(json, { maxLength: 40 }), async (values) => {
        const rows = values.map(rowOf);
        const columns = columnsOf(rows);
        const read = await duckdbRows(await fileOf(rows, columns), columns);
        expect(read).toEqual(rows.map((row) => expectedRow(row, columns)));
      }),
      { numRuns: 30 },
    );
  });

  it('names and types its columns', async () => {
    const rows = ['{"b":true,"i":1,"n":1.5,"s":"x","j":[1],"p":{"lat":1.5},"ts":"x"}', '7'].map((text, i) =>
      rowOf(parseJson(text), i),
    );
    const path = save(await fileOf(rows, columnsOf(rows)));
    const described = await query(`DESCRIBE SELECT * FROM read_parquet('${path}')`);
    expect(described.map((column) => `${column.column_name} ${column.column_type}`)).toEqual([
      'ts TIMESTAMP WITH TIME ZONE',
      'receivedAt TIMESTAMP WITH TIME ZONE',
      'device VARCHAR',
      'stream VARCHAR',
      'value VARCHAR',
      'b BOOLEAN',
      'i BIGINT',
      'j VARCHAR',
      'n DOUBLE',
      'p.lat DOUBLE',
      's VARCHAR',
      'ts_ VARCHAR',
      'value_ BIGINT',
    ]);
  });

  it('keeps numbers that no double holds as text, and the nearest doubles beside it', async () => {
    const rows = ['9007199254740993', '0.1234567890123456789', '1e400', '-1e-400', '1'].map((text) =>
      rowOf(parseJson(text)),
    );
    const columns = columnsOf(rows);
    const read = await duckdbRows(await fileOf(rows, columns), columns);
    expect(read.map((row) => row.slice(4))).toEqual([
      ['9007199254740993', 9007199254740992],
      ['0.1234567890123456789', 0.12345678901234568],
      ['1e400', null],
      ['-1e-400', -0],
      ['1', 1],
    ]);
  });

  it('leaves out what does not fit its column', async () => {
    const columns: Column[] = [{ name: 'a', path: ['a'], type: 'integer' }];
    const read = await duckdbRows(
      await fileOf([rowOf({ a: 1 }), rowOf({ a: 'x' }), rowOf({ b: 2 })], columns),
      columns,
    );
    expect(read.map((row) => row.slice(4))).toEqual([
      ['{"a":1}', 1n],
      ['{"a":"x"}', null],
      ['{"b":2}', null],
    ]);
  });

  it('of no rows has its columns', async () => {
    const parts = await fileOf([], [{ name: 'a', path: ['a'], type: 'number' }]);
    expect(await hyparquetRows(parts)).toEqual([]);
    const described = await query(`DESCRIBE SELECT * FROM read_parquet('${save(parts)}')`);
    expect(described.map((column) => column.column_name)).toEqual([
      'ts',
      'receivedAt',
      'device',
      'stream',
      'value',
      'a',
    ]);
  });

  it('fails as its writer does', async () => {
    const table = new ParquetTable([], async () => {
      throw new Error('full');
    });
    await table.add(rowOf(1));
    await expect(table.end()).rejects.toThrow('full');
  });
});
