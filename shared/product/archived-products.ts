/** Products as an archive holds them, a line each: `data/products.ndjson`. */
import * as z from 'zod';
import type { AccountSession } from '../platform/account-session.ts';
import { everyPage } from '../platform/every-page.ts';
import { showProduct } from './find-product.ts';
import { product } from './product.ts';
import { products } from './product-store.ts';

export const productDocument = z.strictObject(product.shape);
export type ProductDocument = z.output<typeof productDocument>;

const PAGE = 200;

/** Those that were there before `before` (epoch ms), in the order of their ids. */
export async function* archivedProducts(session: AccountSession, before: number): AsyncGenerator<ProductDocument> {
  for await (const stored of everyPage((after) => products.page(session, { limit: PAGE, after }))) {
    if (stored.createdAt < before) yield showProduct(stored);
  }
}
