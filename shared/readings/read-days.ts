/**
 * Readings of a bucket in chunks that go forward or back in time, from wherever they lie: fresh blocks and bundles that are not merged
 * yet come first, all at once; then the blocks, hour by hour. The same reading may come twice.
 */
import type { AccountSession } from '../platform/account-session.ts';
import { readBucket } from './blocks/read-bucket.ts';
import { readDevice } from './blocks/read-device.ts';
import type { StreamRows } from './blocks/stream-rows.ts';
import type { Group } from './codec/block.ts';
import { readCompaction } from './compaction/compaction-store.ts';
import { readFreshBlocks } from './fresh-block-store.ts';

export interface DayChunk {
  /** Rows in no order, all within the range that was asked for. */
  readonly groups: readonly Group[];
  /** Epoch ms: nothing in later chunks of the same product lies before it (asc), or at or after it (desc). */
  readonly bound: number;
}

export interface ReadingsFilter {
  readonly bucket: string;
  readonly device?: string | undefined;
  readonly stream?: string | undefined;
  /** Inclusive, epoch ms. */
  readonly from: number;
  /** Exclusive. */
  readonly to: number;
  readonly order: 'asc' | 'desc';
}

/** Of one product. */
export async function* readDays(session: AccountSession, product: string, filter: ReadingsFilter): AsyncGenerator<DayChunk> {
  const { bucket, device, from, to, order } = filter;
  if (from >= to) return;
  yield { groups: await readPending(session, product, filter), bound: order === 'asc' ? from : to };
  if (device !== undefined) {
    for await (const { rows, bound } of readDevice(session, { product, bucket, device }, { from, to, order })) {
      yield { groups: groupsOf(device, rows, filter), bound };
    }
    return;
  }
  for await (const { blocks, bound } of readBucket(session, { product, bucket }, { from, to, order })) {
    yield { groups: blocks.flatMap((block) => groupsOf(block.device, block.rows, filter)), bound };
  }
}

/** What no block holds yet. The watermarks are read first: what is merged meanwhile is found here, in the blocks, or in both. */
export async function readPending(
  session: AccountSession,
  product: string,
  { bucket, device, stream, from, to }: Omit<ReadingsFilter, 'order'>,
): Promise<Group[]> {
  const { watermark, bundled } = await readCompaction(session, product);
  const filter = { bucket, device, stream, from, to };
  const groups: Group[] = [];
  for await (const block of readFreshBlocks(session, product, { ...filter, after: watermark })) groups.push(...block.groups);
  for await (const block of readFreshBlocks(session, product, { ...filter, tier: 'BUNDLE', after: bundled })) {
    groups.push(...block.groups);
  }
  return groups;
}

/** As fresh blocks have them, cut to what is asked for. */
function groupsOf(device: string, streams: readonly StreamRows[], { bucket, stream, from, to }: ReadingsFilter): Group[] {
  return streams.flatMap(({ stream: name, rows }) => {
    if (stream !== undefined && stream !== name) return [];
    const inside = rows.filter(({ ts }) => ts >= from && ts < to);
    return inside.length === 0 ? [] : [{ device, stream: name, buckets: [bucket], rows: inside }];
  });
}
