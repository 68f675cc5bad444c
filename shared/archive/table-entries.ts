/** Tables of an archive on their way: one after the other, each perhaps over several steps. */
import * as z from 'zod';
import { type TableForm, type TableRecord, zipEntry } from './records.ts';
import type { ZipWriter } from './zip/zip-writer.ts';

/** A table that the next step goes on with: numbers, and the ids that its name is made of. */
export const openTable = z.strictObject({
  entry: zipEntry,
  rows: z.int(),
  /** Its rows stand in a table before it, too. */
  isRepeated: z.boolean(),
});
export type OpenTable = z.output<typeof openTable>;

/** Characters that are collected for ZIP. */
const PIECE = 64 * 1024;

/** Throws a TypeError where what it is told to do needs an open table, and there is none, or none, and there is one. */
export class TableEntries {
  readonly #zip: ZipWriter;
  readonly #begun: number;
  #open: Pick<OpenTable, 'rows' | 'isRepeated'> | undefined;
  #held = '';
  #rows = 0;
  /** Those that have ended in this step. */
  readonly written: TableRecord[] = [];

  /** `open`: what `zip` goes on with. */
  constructor(zip: ZipWriter, open: OpenTable | undefined) {
    this.#zip = zip;
    this.#begun = zip.at;
    this.#open = open && { rows: open.rows, isRepeated: open.isRepeated };
  }

  get isOpen(): boolean {
    return this.#open !== undefined;
  }

  /** Rows of this step; those that are repeated aren't counted again. */
  get rows(): number {
    return this.#rows;
  }

  /** What this step has written so far. */
  get size(): { files: number; bytes: number } {
    return { files: this.written.length, bytes: this.#zip.at - this.#begun };
  }

  /** `level`: as ZIP's, but for a table that goes on in another step: there it is the default. */
  async begin(name: string, { level, isRepeated = false }: { level?: number; isRepeated?: boolean } = {}) {
    await this.#zip.begin(name, { large: true, ...(level === undefined ? {} : { level }) });
    this.#open = { rows: 0, isRepeated };
  }

  /** Text that is no row. */
  async add(text: string): Promise<void> {
    this.#held += text;
    if (this.#held.length >= PIECE) await this.#flush();
  }

  async addLines<T>(rows: readonly T[], line: (row: T) => string): Promise<void> {
    for (const row of rows) {
      this.#held += line(row);
      if (this.#held.length >= PIECE) await this.#flush();
    }
    this.count(rows.length);
  }

  /** `bytes` must stay as they are. */
  async addBytes(bytes: Uint8Array): Promise<void> {
    await this.#zip.write(bytes);
  }

  /** Rows that were added as bytes. */
  count(rows: number): void {
    const open = this.#openTable();
    open.rows += rows;
    if (!open.isRepeated) this.#rows += rows;
  }

  async end(form: TableForm): Promise<void> {
    const { rows } = this.#openTable();
    await this.#flush();
    this.written.push({ ...form, entry: await this.#zip.end(), rows });
    this.#open = undefined;
  }

  /** The one that is open, for the next step; nothing can be added any more. */
  async pause(): Promise<OpenTable | undefined> {
    if (!this.#open) return undefined;
    await this.#flush();
    return { entry: await this.#zip.pause(), ...this.#open };
  }

  #openTable() {
    if (!this.#open) throw new TypeError('No table is open.');
    return this.#open;
  }

  async #flush(): Promise<void> {
    const piece = Buffer.from(this.#held);
    this.#held = '';
    await this.#zip.write(piece);
  }
}
