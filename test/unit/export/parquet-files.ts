/** Parquet files for tests: rows, the file of them, and what a reader must find in it. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gunzipSync } from 'node:zlib';
import { parquetRead } from 'hyparquet';
import { afterAll, expect } from 'vitest';
import { cellOf } from '../../../shared/export/tables/cell.ts';
import type { Column } from '../../../shared/export/tables/column.ts';
import { ColumnFinder } from '../../../shared/export/tables/columns.ts';
import { ParquetTable } from '../../../shared/export/tables/parquet-table.ts';
import type { TableRow } from '../../../shared/export/tables/table-row.ts';
import { JsonNumber, type JsonValue, stringifyJson } from '../../../shared/platform/json-value.ts';

const folder = mkdtempSync(join(tmpdir(), 'custodia-parquet-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

export const START = 1_700_000_000_123;
export const rowOf = (value: JsonValue, at = 0): TableRow => ({
  ts: START + at * 1001,
  receivedAt: 1_700_000_000_000 + at * 1000,
  device: `dev_${at % 3}`,
  stream: 'telemetry',
  value,
});

export function columnsOf(rows: Iterable<TableRow>): readonly Column[] {
  const finder = new ColumnFinder();
  for (const { value } of rows) finder.see(value);
  return finder.columns() ?? [];
}

export async function fileOf(rows: Iterable<TableRow>, columns: readonly Column[]): Promise<Uint8Array[]> {
  const parts: Uint8Array[] = [];
  const table = new ParquetTable(columns, async (bytes) => void parts.push(bytes));
  let added = 0;
  for (const row of rows) {
    await table.add(row);
    added += 1;
  }
  expect(await table.end()).toEqual({ rows: added });
  return parts;
}

export const bufferOf = (parts: readonly Uint8Array[]) => Uint8Array.from(Buffer.concat(parts)).buffer;

export function save(parts: readonly Uint8Array[]): string {
  const path = join(folder, `${crypto.randomUUID()}.parquet`);
  writeFileSync(path, Buffer.concat(parts));
  return path;
}

export async function hyparquetRows(parts: readonly Uint8Array[]): Promise<unknown[][]> {
  let rows: unknown[][] = [];
  await parquetRead({
    file: bufferOf(parts),
    compressors: { GZIP: (bytes) => gunzipSync(bytes) },
    onComplete: (read) => {
      rows = read as unknown as unknown[][];
    },
  });
  return rows;
}

/** What a reader finds: the model of the file. */
function expectedCell(value: JsonValue, column: Column): unknown {
  const cell = cellOf(value, column);
  if (cell instanceof JsonNumber) return Number.isFinite(Number(cell.source)) ? Number(cell.source) : null;
  if (typeof cell === 'string') return cell.toWellFormed();
  return column.type === 'integer' && typeof cell === 'number' ? BigInt(cell) : (cell ?? null);
}
export const expectedRow = (row: TableRow, columns: readonly Column[]) => [
  new Date(row.ts),
  new Date(row.receivedAt),
  row.device,
  row.stream,
  stringifyJson(row.value),
  ...columns.map((column) => expectedCell(row.value, column)),
];
export const orNull = (rows: unknown[][]) => rows.map((row) => row.map((cell) => cell ?? null));
