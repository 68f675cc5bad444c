/** A pass over the rows of a bucket, as each format has two: the first finds the columns, so that the second can write them. */
import type { TableEntries } from '../archive/table-entries.ts';
import type { ColumnFinder } from './tables/columns.ts';
import type { TableRow } from './tables/table-row.ts';

export interface TablePass {
  /** Rows of one device, in their order, and after those before. */
  take(rows: readonly TableRow[]): Promise<void>;
  /** After each day of a device: between days a file may end, and a step. */
  endDay(): Promise<void>;
  /** No more in this step; another one goes on. */
  pause(): Promise<void>;
  /** No more rows. */
  end(): Promise<void>;
  /** Files of the bucket that have ended. */
  readonly files: number;
}

/** What a pass works with. */
export interface PassHands {
  readonly tables: TableEntries;
  readonly bucket: string;
  readonly finder: ColumnFinder;
  /** As of the step before. */
  readonly files: number;
}

/** `undefined`: there is nothing to do. */
export type BeginPass = (hands: PassHands) => Promise<TablePass | undefined>;
