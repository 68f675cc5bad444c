/** A reading as the tables of an export take it: the one shape that CSV and Parquet are made of. */
import type { JsonValue } from '../../platform/json-value.ts';

export interface TableRow {
  /** When it was taken, epoch milliseconds. */
  readonly ts: number;
  /** When it arrived, epoch milliseconds of a whole second. */
  readonly receivedAt: number;
  readonly device: string;
  readonly stream: string;
  readonly value: JsonValue;
}
