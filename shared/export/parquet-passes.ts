/** Parquet: parts of each bucket, with the same columns. A part ends with its step at the latest, so that each is a whole file. */
import type { TableEntries } from '../archive/table-entries.ts';
import type { BeginPass, PassHands, TablePass } from './table-pass.ts';
import type { Column } from './tables/column.ts';
import { ParquetTable } from './tables/parquet-table.ts';
import { parquetForm } from './tables/table-form.ts';
import type { TableRow } from './tables/table-row.ts';

/** A part ends at the first end of a day from here on. */
const ROWS_A_PART = 1_000_000;

/** Writes nothing. */
export const findingPass: BeginPass = async ({ finder }) => ({
  async take(rows) {
    for (const { value } of rows) finder.see(value);
  },
  async endDay() {},
  async pause() {},
  async end() {},
  files: 0,
});

class PartsPass implements TablePass {
  readonly #tables: TableEntries;
  readonly #bucket: string;
  readonly #columns: readonly Column[] | undefined;
  #part: ParquetTable | undefined;
  #rows = 0;
  files: number;

  constructor({ tables, bucket, finder, files }: PassHands) {
    this.#tables = tables;
    this.#bucket = bucket;
    this.#columns = finder.columns();
    this.files = files;
  }

  async take(rows: readonly TableRow[]): Promise<void> {
    this.#part ??= await this.#begin();
    for (const row of rows) await this.#part.add(row);
    this.#rows += rows.length;
  }

  async endDay(): Promise<void> {
    if (this.#rows >= ROWS_A_PART) await this.end();
  }

  pause = () => this.end();

  async end(): Promise<void> {
    if (!this.#part) return;
    await this.#part.end();
    this.#tables.count(this.#rows);
    await this.#tables.end(parquetForm(this.#columns));
    this.#part = undefined;
    this.#rows = 0;
    this.files += 1;
  }

  async #begin(): Promise<ParquetTable> {
    const number = String(this.files + 1).padStart(5, '0');
    // It is compressed already.
    await this.#tables.begin(`readings/${this.#bucket}/part-${number}.parquet`, { level: 0 });
    return new ParquetTable(this.#columns ?? [], (bytes) => this.#tables.addBytes(bytes));
  }
}

/** A bucket without readings has no file. */
export const partsPass: BeginPass = async (hands) => new PartsPass(hands);
