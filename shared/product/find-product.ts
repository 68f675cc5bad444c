/** A product of the caller's account; throws not-found for one that isn't there, or is another account's. */
import { notFound } from '../api/errors.ts';
import type { AccountSession } from '../platform/account-session.ts';
import { isoTime } from '../platform/clock.ts';
import { everyPage } from '../platform/every-page.ts';
import type { Product } from './product.ts';
import { products, type StoredProduct } from './product-store.ts';

export async function findProduct(session: AccountSession, id: string): Promise<StoredProduct> {
  const product = await products.find(session, id);
  if (!product) throw notFound('product');
  return product;
}

/** The ids of all products of the account. */
export async function allProductIds(session: AccountSession): Promise<string[]> {
  const all = everyPage((after) => products.page(session, { limit: 100, after }));
  return Array.fromAsync(all, ({ plain }) => plain.id);
}

export const showProduct = ({ plain, sealed, createdAt, updatedAt }: StoredProduct): Product => ({
  id: plain.id,
  ...sealed,
  createdAt: isoTime(createdAt),
  updatedAt: isoTime(updatedAt),
});
