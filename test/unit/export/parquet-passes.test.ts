/** Where a part of a Parquet export ends: with a day once it has a million rows, and with its step; never in the midst of a day. */
import { expect, it } from 'vitest';
import { TableEntries } from '../../../shared/archive/table-entries.ts';
import { ZipWriter } from '../../../shared/archive/zip/zip-writer.ts';
import { partsPass } from '../../../shared/export/parquet-passes.ts';
import { ColumnFinder } from '../../../shared/export/tables/columns.ts';
import type { TableRow } from '../../../shared/export/tables/table-row.ts';

const row: TableRow = { ts: 0, receivedAt: 0, device: 'dev_a', stream: 's', value: 1 };
const rows = (count: number) => new Array<TableRow>(count).fill(row);

it('a part ends at the first end of a day from a million rows on, and with its step; numbers go on over steps', async () => {
  const zip = new ZipWriter(async () => {}, 0);
  const tables = new TableEntries(zip, undefined);
  const pass = await partsPass({ tables, bucket: 'bkt', finder: new ColumnFinder(), files: 6 });
  if (!pass) throw new Error('There is no pass.');
  await pass.take(rows(999_999));
  await pass.endDay();
  expect([pass.files, tables.isOpen]).toEqual([6, true]);
  await pass.take(rows(2));
  expect([pass.files, tables.isOpen]).toEqual([6, true]);
  await pass.endDay();
  expect([pass.files, tables.isOpen]).toEqual([7, false]);
  // A day without rows of its own begins no part.
  await pass.endDay();
  await pass.take(rows(3));
  await pass.pause();
  await pass.end();
  expect(pass.files).toBe(8);
  expect(tables.written.map(({ entry, rows: count }) => [entry.name, count])).toEqual([
    ['readings/bkt/part-00007.parquet', 1_000_001],
    ['readings/bkt/part-00008.parquet', 3],
  ]);
  expect(tables.rows).toBe(1_000_004);
  expect(tables.size.files).toBe(2);
});
