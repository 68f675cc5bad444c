/** Where a bucket's readings are read from: its products, and no reading that is older than it retains. */
import { findBucket } from '../bucket/find-bucket.ts';
import { keptFrom } from '../bucket/retention.ts';
import { findDevice } from '../device/find-device.ts';
import type { AccountSession } from '../platform/account-session.ts';
import { allProductIds } from '../product/find-product.ts';
import type { ReadingSource } from './read-days.ts';

/** The products whose blocks may hold readings of a bucket of this source. A device that isn't the account's is not found. */
export async function sourceProducts(
  session: AccountSession,
  source: { product?: string | undefined },
  device?: string | undefined,
): Promise<string[]> {
  if (device !== undefined) return [(await findDevice(session, device)).plain.product];
  return source.product === undefined ? allProductIds(session) : [source.product];
}

/** Throws not-found for a bucket or a device that isn't there, or is another account's. */
export async function findSource(
  session: AccountSession,
  now: number,
  id: string,
  filter: Pick<ReadingSource, 'device' | 'stream' | 'from' | 'to'>,
) {
  const bucket = await findBucket(session, id);
  const { retentionDays: days, source } = bucket.plain;
  const products = await sourceProducts(session, source, filter.device);
  const from = Math.max(filter.from ?? 0, keptFrom({ days }, now));
  return { bucket, source: { ...filter, bucket: id, products, from } satisfies ReadingSource };
}
