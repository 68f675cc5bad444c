/** Products at rest. */
import type { TransactWriteItem } from '@aws-sdk/client-dynamodb';
import * as z from 'zod';
import type { AccountSession } from '../platform/account-session.ts';
import { type EntityOf, entityKind } from '../platform/entity.ts';
import { listPointers, putPointer, removePointer } from '../platform/pointers.ts';
import { productKey, productListPartition, productPointerKey } from './product-keys.ts';

const kind = entityKind('products', {
  plain: z.object({ id: z.string() }),
  sealed: z.object({ name: z.string(), description: z.string().optional() }),
});
export type StoredProduct = EntityOf<typeof kind>;
const pointer = z.object({ sk: z.string() });

export const products = {
  ...kind,
  find: (session: AccountSession, id: string) => kind.get(session, productKey(session.account, id)),

  async page(session: AccountSession, options: { limit: number; after?: string | undefined }) {
    const page = await listPointers(session, productListPartition(session.account), options, pointer);
    const keys = page.items.map(({ sk }) => productKey(session.account, sk));
    const found = await kind.getMany(session, keys);
    return { ...page, items: keys.flatMap(({ pk, sk }) => found.get(pk + sk) ?? []) };
  },

  add: async (session: AccountSession, product: StoredProduct): Promise<TransactWriteItem[]> => [
    await kind.put(session, product),
    putPointer(session, productPointerKey(session.account, product.plain.id)),
  ],

  drop: (session: AccountSession, product: StoredProduct): TransactWriteItem[] => [
    kind.remove(session, product),
    removePointer(session, productPointerKey(session.account, product.plain.id)),
  ],
};
