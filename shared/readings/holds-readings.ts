/** Whether a device or a bucket holds a reading: what holds data takes a job to be deleted. */
import { bucketIds } from '../bucket/instructions.ts';
import type { AccountSession } from '../platform/account-session.ts';
import { queryBlocks } from './blocks/block-store.ts';
import { readCatalogs } from './blocks/catalog-store.ts';
import { readPending } from './pending-readings.ts';
import { type DayRange, EVERY_DAY } from './read-days.ts';

export async function holdsReadings(
  session: AccountSession,
  products: readonly string[],
  what: { device: string } | { bucket: string } | Record<string, never>,
): Promise<boolean> {
  const { device, bucket }: { device?: string; bucket?: string } = what;
  for (const product of products) {
    if ((await readPending(session, product, { device, bucket })).groups.length > 0) return true;
    for (const of of bucket === undefined ? await bucketIds(session) : [bucket]) {
      if (await hasBlocks(session, { product, bucket: of, device }, EVERY_DAY)) return true;
    }
  }
  return false;
}

async function hasBlocks(
  session: AccountSession,
  { product, bucket, device }: { product: string; bucket: string; device: string | undefined },
  days: DayRange,
): Promise<boolean> {
  if (device !== undefined) {
    for await (const _ of queryBlocks(session, { product, bucket, device }, { ...days, pageSize: 1 })) return true;
    return false;
  }
  for await (const _ of readCatalogs(session, { product, bucket }, { ...days, order: 'asc' })) return true;
  return false;
}
