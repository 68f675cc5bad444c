/** Whether a device or a bucket holds a reading: what holds data is not deleted by the way. */
import type { AccountSession } from '../platform/account-session.ts';
import { type BlockFilter, readFreshBlocks } from './fresh-block-store.ts';

export async function holdsReadings(
  session: AccountSession,
  products: readonly string[],
  filter: BlockFilter,
): Promise<boolean> {
  for (const product of products) {
    for await (const { groups } of readFreshBlocks(session, product, filter)) {
      if (groups.length > 0) return true;
    }
  }
  return false;
}
