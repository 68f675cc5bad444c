/** Whether a work order opens what it is shown for: genuine, of this account, young enough, and the account is there and active. */
import { type Directory, findAccount } from '../directory/directory.ts';
import type { Now } from '../platform/clock.ts';
import { type OrderSeal, openOrder } from './work-order.ts';

export type Honoured = 'honoured' | 'invalid-order' | 'denied';
export type HonourOrder = (shown: { account: string; order: string }) => Promise<Honoured>;

export const honourOrder =
  (deps: { seal: OrderSeal; directory: Directory; now: Now }): HonourOrder =>
  async (shown) => {
    if (!(await openOrder(deps.seal, shown, deps.now()))) return 'invalid-order';
    const account = await findAccount(deps.directory, shown.account);
    return account?.status === 'active' ? 'honoured' : 'denied';
  };
