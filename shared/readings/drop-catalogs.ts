/** Removes the catalogs of a bucket or product that is gone. They hold ids alone, of blocks that were swept. */
import type { AccountSession } from '../platform/account-session.ts';
import { inParallel } from '../platform/in-parallel.ts';
import { deleteCatalogs } from './blocks/catalog-store.ts';

const AT_ONCE = 8;

export async function dropCatalogs(
  session: AccountSession,
  { products, buckets }: { products: readonly string[]; buckets: readonly string[] },
): Promise<void> {
  const all = products.flatMap((product) => buckets.map((of) => ({ product, bucket: of })));
  await inParallel(all, AT_ONCE, (of) => deleteCatalogs(session, of));
}
