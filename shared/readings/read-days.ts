/**
 * The readings of a bucket in slices of time, as pages and aggregations take them: forward or back, so that who has enough can stop.
 * Whatever blocks they stand in is known here alone.
 */
import type { AccountSession } from '../platform/account-session.ts';
import type { Group } from './codec/block.ts';
import { readFreshBlocks } from './fresh-block-store.ts';
import type { Order } from './page-collector.ts';

/** Which readings; `from` is inclusive, `to` exclusive, both epoch ms. */
export interface ReadingSource {
  readonly bucket: string;
  /** The products whose devices the bucket may have collected. */
  readonly products: readonly string[];
  readonly device?: string | undefined;
  readonly stream?: string | undefined;
  readonly from?: number | undefined;
  readonly to?: number | undefined;
}

/** Holds *all* readings of its slice of time, so that equal ones are in the same chunk. */
export interface DayChunk {
  /** Rows in any order; equal readings may be there twice. */
  readonly groups: readonly Group[];
  /** Epoch ms: nothing in later chunks lies before it (asc), or at or after it (desc). */
  readonly bound: number;
}

export async function* readDays(
  session: AccountSession,
  { products, order, ...filter }: ReadingSource & { order: Order },
): AsyncGenerator<DayChunk> {
  const groups: Group[] = [];
  for (const product of products) {
    for await (const found of readFreshBlocks(session, product, filter)) groups.push(...found);
  }
  yield { groups, bound: order === 'asc' ? Number.POSITIVE_INFINITY : Number.NEGATIVE_INFINITY };
}
