/** Whether a device or a bucket holds a reading: what holds data is not deleted by the way. */
import { buckets } from '../bucket/bucket-store.ts';
import type { AccountSession } from '../platform/account-session.ts';
import { readDays } from './read-days.ts';

/** Of one bucket, or of a device in all buckets. */
export async function holdsReadings(
  session: AccountSession,
  products: readonly string[],
  { bucket, device }: { bucket?: string; device?: string },
): Promise<boolean> {
  const wanted = bucket === undefined ? (await buckets.instructions(session)).map(({ id }) => id) : [bucket];
  for (const one of wanted) {
    for await (const { groups } of readDays(session, { products, bucket: one, device, order: 'desc' })) {
      if (groups.length > 0) return true;
    }
  }
  return false;
}
