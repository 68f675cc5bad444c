/** Whether a device, a bucket or a product holds a reading: what holds data takes a job to be deleted. */
import type { AccountSession } from '../platform/account-session.ts';
import { readDays } from './read-days.ts';

/** In any of these buckets; of one device, or of all. */
export async function holdsReadings(
  session: AccountSession,
  products: readonly string[],
  { buckets, device }: { buckets: readonly string[]; device?: string },
): Promise<boolean> {
  for (const bucket of buckets) {
    for await (const { groups } of readDays(session, { products, bucket, device, order: 'desc' })) {
      if (groups.length > 0) return true;
    }
  }
  return false;
}
