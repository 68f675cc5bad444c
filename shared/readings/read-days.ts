/**
 * The readings of a bucket in slices of time, as pages and aggregations take them: forward or back, so that who has enough can stop.
 * Whatever they stand in is known here alone: fresh blocks, bundles, hour and day blocks.
 */
import type { AccountSession } from '../platform/account-session.ts';
import { mergeSlices, sliceByHour, type TimeRange } from './blocks/hour-slices.ts';
import { readBucket } from './blocks/read-bucket.ts';
import { readDevice } from './blocks/read-device.ts';
import { dayOf, HOUR_MS } from './blocks/spans.ts';
import type { Group } from './codec/block.ts';
import { mergeProducts } from './merge-products.ts';
import type { Order } from './page-collector.ts';
import { readPending } from './pending-readings.ts';

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

/** After every time that a reading may have; a year of four digits. */
const FAR = Date.UTC(9999, 11, 31);

export interface DayRange {
  /** `yyyy-mm-dd`, both inclusive. */
  readonly from: string;
  readonly to: string;
}
export const EVERY_DAY: DayRange = { from: dayOf(0), to: dayOf(FAR) };

export const rangeOf = ({ from = 0, to = FAR }: Pick<ReadingSource, 'from' | 'to'>, order: Order): TimeRange => ({
  from: Math.min(Math.max(from, 0), FAR),
  to: Math.min(to, FAR),
  order,
});

export async function* readDays(
  session: AccountSession,
  { products, order, ...source }: ReadingSource & { order: Order },
): AsyncGenerator<DayChunk> {
  const range = rangeOf(source, order);
  const readProduct = async function* (product: string) {
    const { groups } = await readPending(session, product, { ...source, ...range });
    yield* readSlices(session, product, { ...source, range, pending: groups });
  };
  yield* mergeProducts(products.map(readProduct), order);
}

/** Of one product, whose pending readings are known. */
export async function* readSlices(
  session: AccountSession,
  product: string,
  of: Pick<ReadingSource, 'bucket' | 'device' | 'stream'> & { range: TimeRange; pending: readonly Group[] },
): AsyncGenerator<DayChunk> {
  const { bucket, device, stream, range, pending } = of;
  if (range.from >= range.to) return;
  const blocks =
    device === undefined
      ? readBucket(session, { product, bucket }, range)
      : readDevice(session, { product, bucket, device }, range);
  for await (const { hour, groups } of mergeSlices(sliceByHour(pending, range), blocks, range.order)) {
    yield {
      groups: stream === undefined ? groups : groups.filter((group) => group.stream === stream),
      bound: range.order === 'asc' ? hour + HOUR_MS : hour,
    };
  }
}
