/** Sessions of system functions: with the function's own role, whose statements name families of keys, not accounts. */
import type { AccountSession, Stores } from '../platform/account-session.ts';
import type { Now } from '../platform/clock.ts';
import { keyring } from './keyring.ts';

export interface SystemClients extends Stores, Pick<AccountSession, 'db' | 'kms' | 's3'> {
  readonly now: Now;
}

/** Keys are cached for all accounts together. */
export function systemSessions(clients: SystemClients): (account: string) => AccountSession {
  const { now, ...shared } = clients;
  const keysOf = keyring(now);
  return (account) => {
    const own = { account, ...shared };
    return { ...own, ...keysOf(own) };
  };
}
