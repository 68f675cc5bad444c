import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { parquetMetadata } from 'hyparquet';
import { describe, expect, it } from 'vitest';
import { BYTES_A_GROUP, ParquetTable, ROWS_A_GROUP } from '../../../shared/export/tables/parquet-table.ts';
import type { TableRow } from '../../../shared/export/tables/table-row.ts';
import { query } from '../../support/duckdb.ts';
import { isThorough } from '../../support/effort.ts';
import {
  bufferOf,
  columnsOf,
  expectedRow,
  fileOf,
  hyparquetRows,
  orNull,
  rowOf,
  START,
  save,
} from './parquet-files.ts';

/** If each group of so many rows stayed in memory, they would be more than the bound. */
const MANY = isThorough ? 500_000 : 350_000;

/** Telemetry with everything that a row group may meet: absent, unicode, long text, a column that a whole group lacks. */
function* telemetry(count: number): Generator<TableRow> {
  for (let i = 0; i < count; i++) {
    yield rowOf(
      {
        t: i / 4,
        n: i,
        on: i % 2 === 0,
        constant: 'ü🌡',
        ...(i % 3 === 0 ? { third: `${i}` } : {}),
        ...(i < ROWS_A_GROUP ? { early: i } : {}),
        ...(i % 1000 === 0 ? { long: 'é'.repeat(1000) } : {}),
      },
      i,
    );
  }
}

describe('row groups', () => {
  const count = 2 * ROWS_A_GROUP + 20_000;
  const sumTo = (n: number) => (n * (n - 1)) / 2;

  it(`are of ${ROWS_A_GROUP} rows, and all rows are in them`, async () => {
    const parts = await fileOf(telemetry(count), columnsOf(telemetry(count)));
    expect(parts).toHaveLength(4);
    const { row_groups: groups } = parquetMetadata(bufferOf(parts));
    expect(groups.map((group) => Number(group.num_rows))).toEqual([ROWS_A_GROUP, ROWS_A_GROUP, 20_000]);

    const [sums] = await query(
      `SELECT count(*) AS rows, sum(t) AS t, sum(n)::BIGINT AS n, count(*) FILTER ("on") AS on, count(third) AS third,
         sum(third::BIGINT)::BIGINT AS thirds, sum(early)::BIGINT AS early, count(early) AS earlies, min(ts) AS first, max(ts) AS last,
         min(receivedAt) AS received, count(DISTINCT device) AS devices, any_value(constant) AS constant,
         count(*) FILTER (long = repeat('é', 1000)) AS long, sum((value->>'$.n')::BIGINT)::BIGINT AS values
       FROM read_parquet('${save(parts)}')`,
    );
    expect(sums).toEqual({
      rows: BigInt(count),
      t: sumTo(count) / 4,
      n: BigInt(sumTo(count)),
      on: BigInt(count / 2),
      third: BigInt(count / 3),
      thirds: BigInt(3 * sumTo(count / 3)),
      early: BigInt(sumTo(ROWS_A_GROUP)),
      earlies: BigInt(ROWS_A_GROUP),
      first: new Date(START),
      last: new Date(START + (count - 1) * 1001),
      received: new Date(1_700_000_000_000),
      devices: 3n,
      constant: 'ü🌡',
      long: BigInt(count / 1000),
      values: BigInt(sumTo(count)),
    });

    let at = 0;
    const rows = await hyparquetRows(parts);
    const columns = columnsOf(telemetry(count));
    for (const row of telemetry(count)) {
      if (at % 997 === 0) expect(orNull([rows[at] ?? []])).toEqual([expectedRow(row, columns)]);
      at += 1;
    }
    expect(rows).toHaveLength(count);
  });

  it('are smaller where rows are large', async () => {
    const large = 'x'.repeat(BYTES_A_GROUP / 16);
    const rows = Array.from({ length: 9 }, (_, i) => rowOf({ large, i }, i));
    const parts = await fileOf(rows, columnsOf(rows));
    const { row_groups: groups } = parquetMetadata(bufferOf(parts));
    expect(groups.map((group) => Number(group.num_rows))).toEqual([4, 4, 1]);
    const [sums] = await query(
      `SELECT count(*) AS rows, sum(i)::BIGINT AS i, min(length(large)) AS large FROM read_parquet('${save(parts)}')`,
    );
    expect(sums).toEqual({ rows: 9n, i: 36n, large: BigInt(large.length) });
  });

  it('leave the memory when they are written: the tenth of half a million rows finds as much as the first', async () => {
    setFlagsFromString('--expose-gc');
    const collect: () => void = runInNewContext('gc');
    const held: number[] = [];
    const addedAt: number[] = [];
    let added = 0;
    const table = new ParquetTable(columnsOf(telemetry(1000)), async () => {
      collect();
      const { heapUsed, arrayBuffers } = process.memoryUsage();
      held.push(heapUsed + arrayBuffers);
      addedAt.push(added);
    });
    for (const row of telemetry(MANY)) {
      added += 1;
      await table.add(row);
    }
    expect(await table.end()).toEqual({ rows: MANY });
    // Each group is out before a row of the next one is in.
    const groups = Array.from({ length: MANY / ROWS_A_GROUP }, (_, i) => (i + 1) * ROWS_A_GROUP);
    expect(addedAt).toEqual([...groups, MANY]);
    // Loosely, for the collector leaves some: each group that stays would be 15 MB and more.
    expect(Math.max(...held) - Math.min(...held.slice(0, -1))).toBeLessThan(BYTES_A_GROUP);
  });
});
