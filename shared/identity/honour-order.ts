/** What a work order opens: genuine, of this account, young enough, and the account is there and active. */
import { type Directory, findAccount } from '../directory/directory.ts';
import type { Now } from '../platform/clock.ts';
import { type OrderSeal, openOrder, type WorkOrder } from './work-order.ts';

/** The rights of the token that it was sealed for, or why it opens nothing. */
export type Honoured = Pick<WorkOrder, 'rights'> | { readonly reason: 'invalid-order' | 'denied' };
export type HonourOrder = (shown: { account: string; order: string }) => Promise<Honoured>;

export const honourOrder =
  (deps: { seal: OrderSeal; directory: Directory; now: Now }): HonourOrder =>
  async (shown) => {
    const order = await openOrder(deps.seal, shown, deps.now());
    if (!order) return { reason: 'invalid-order' };
    const account = await findAccount(deps.directory, shown.account);
    return account?.status === 'active' ? { rights: order.rights } : { reason: 'denied' };
  };
