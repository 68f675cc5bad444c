/** Products of an import: made with the times of their archive. */
import type { TransactWriteItem } from '@aws-sdk/client-dynamodb';
import type { AccountSession } from '../platform/account-session.ts';
import { writeTogether } from '../platform/entity.ts';
import type { ProductDocument } from './archived-products.ts';
import { showProduct } from './find-product.ts';
import { productKey } from './product-keys.ts';
import { products } from './product-store.ts';

export async function importedProduct(session: AccountSession, id: string): Promise<ProductDocument | undefined> {
  const found = await products.find(session, id);
  return found && showProduct(found);
}

/** `alongside` is written with it, or neither is. The provisioner has made its group before. */
export async function importProduct(
  session: AccountSession,
  { id, createdAt, updatedAt, ...sealed }: ProductDocument,
  alongside: TransactWriteItem[],
): Promise<void> {
  const made = products.make(productKey(session.account, id), Date.parse(createdAt), { id }, sealed);
  const product = { ...made, updatedAt: Date.parse(updatedAt) };
  await writeTogether(session, [...(await products.add(session, product)), ...alongside]);
}
