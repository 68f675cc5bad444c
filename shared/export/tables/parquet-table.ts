/**
 * Readings as one Parquet file, written as a stream: a row group at a time is in memory, whatever the number of rows.
 *
 * Columns: `ts` and `receivedAt` (TIMESTAMP, milliseconds, UTC), `device`, `stream`, `value` (JSON text: the reading as it came),
 * then the typed ones, where a column `value` is named `value_`. A number beyond the range of doubles (1e400) is absent from a
 * column of numbers, where an infinity would spoil sums; others get the nearest double.
 *
 * GZIP by node:zlib at its fastest level: telemetry took a quarter less room than with the library's Snappy, which is
 * JavaScript, and less time. Common readers know both; only hyparquet itself must be given a decompressor for GZIP.
 */
import { gzipSync } from 'node:zlib';
import { type ColumnSource, ParquetWriter, type SchemaElement } from 'hyparquet-writer';
import { JsonNumber, stringifyJson } from '../../platform/json-value.ts';
import { type Cell, cellOf } from './cell.ts';
import type { Column, ColumnType } from './column.ts';
import { StreamedBytes } from './streamed-bytes.ts';
import type { TableRow } from './table-row.ts';

export const ROWS_A_GROUP = 50_000;
/** Approximate memory of a row group's cells. Fewer than 50,000 rows, where rows are large. */
export const BYTES_A_GROUP = 64 * 1024 * 1024;
/** An estimate for what a cell takes besides its text. */
const CELL_BYTES = 16;

type Physical = bigint | boolean | number | string | undefined;
type Kind = Pick<SchemaElement, 'type' | 'converted_type' | 'logical_type'>;

const TIME: Kind = {
  type: 'INT64',
  converted_type: 'TIMESTAMP_MILLIS',
  logical_type: { type: 'TIMESTAMP', isAdjustedToUTC: true, unit: 'MILLIS' },
};
const TEXT: Kind = { type: 'BYTE_ARRAY', converted_type: 'UTF8', logical_type: { type: 'STRING' } };

const KINDS: Record<ColumnType, Kind> = {
  boolean: { type: 'BOOLEAN' },
  integer: { type: 'INT64' },
  number: { type: 'DOUBLE' },
  string: TEXT,
  json: TEXT,
};

const required = (name: string, kind: Kind): SchemaElement => ({ name, ...kind, repetition_type: 'REQUIRED' });

const FIXED = [
  required('ts', TIME),
  required('receivedAt', TIME),
  required('device', TEXT),
  required('stream', TEXT),
  required('value', TEXT),
];

export class ParquetTable {
  readonly #columns: readonly Column[];
  readonly #schema: readonly SchemaElement[];
  readonly #writer: ParquetWriter;
  /** The cells of the row group to be, one array a column. */
  #cells: Physical[][] = [];
  #bytes = 0;
  #rows = 0;

  /** `write` takes a row group (the last call: the footer) and is awaited before the next; what it throws, `add` and `end` throw. */
  constructor(columns: readonly Column[], write: (bytes: Uint8Array) => Promise<void>) {
    this.#columns = columns;
    const typed = columns.map(
      ({ name, type }) => ({ name: columnName(name), ...KINDS[type], repetition_type: 'OPTIONAL' }) as const,
    );
    this.#schema = [...FIXED, ...typed];
    this.#writer = new ParquetWriter({
      writer: new StreamedBytes(write),
      schema: [{ name: 'root', num_children: this.#schema.length }, ...this.#schema],
      codec: 'GZIP',
      compressors: { GZIP: (bytes) => gzipSync(bytes, { level: 1 }) },
      createdBy: 'Custodia',
    });
    this.#clear();
  }

  async add({ ts, receivedAt, device, stream, value }: TableRow): Promise<void> {
    const text = stringifyJson(value);
    const typed = this.#columns.map((column) => physical(cellOf(value, column), column.type));
    const cells = [BigInt(ts), BigInt(receivedAt), device, stream, text, ...typed];
    for (const [at, cell] of cells.entries()) this.#cells[at]?.push(cell);
    this.#rows += 1;
    // The text of the typed cells is a part of the value's.
    this.#bytes += cells.length * CELL_BYTES + 4 * text.length;
    if (this.#cells[0]?.length === ROWS_A_GROUP || this.#bytes >= BYTES_A_GROUP) await this.#flush();
  }

  /** Writes the last row group and the footer. Nothing may be added after it. */
  async end(): Promise<{ rows: number }> {
    await this.#flush();
    await this.#writer.finish();
    return { rows: this.#rows };
  }

  async #flush(): Promise<void> {
    const rows = this.#cells[0]?.length ?? 0;
    if (rows === 0) return;
    const columnData = this.#schema.map((element, at): ColumnSource => {
      const data = this.#cells[at] ?? [];
      return element.converted_type === TIME.converted_type
        ? { name: element.name, data, encoding: 'DELTA_BINARY_PACKED' }
        : { name: element.name, data };
    });
    this.#clear();
    await this.#writer.write({ columnData, rowGroupSize: rows });
  }

  #clear(): void {
    this.#cells = this.#schema.map(() => []);
    this.#bytes = 0;
  }
}

/** What a typed column is named here: `nameColumns` keeps `value_` free. */
export const columnName = (name: string): string => (name.toLowerCase() === 'value' ? `${name}_` : name);

function physical(cell: Cell, type: ColumnType): Physical {
  if (cell instanceof JsonNumber) {
    const nearest = Number(cell.source);
    return Number.isFinite(nearest) ? nearest : undefined;
  }
  return type === 'integer' && typeof cell === 'number' ? BigInt(cell) : cell;
}
