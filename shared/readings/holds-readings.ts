/** Whether a device, a bucket or a product holds a reading: what holds data takes a job to be deleted. */
import { bucketIds } from '../bucket/instructions.ts';
import type { AccountSession } from '../platform/account-session.ts';
import { readDays } from './read-days.ts';

/** Of one bucket, or in all buckets. */
export async function holdsReadings(
  session: AccountSession,
  products: readonly string[],
  { bucket, device }: { bucket?: string; device?: string },
): Promise<boolean> {
  for (const one of bucket === undefined ? await bucketIds(session) : [bucket]) {
    for await (const { groups } of readDays(session, { products, bucket: one, device, order: 'desc' })) {
      if (groups.length > 0) return true;
    }
  }
  return false;
}
