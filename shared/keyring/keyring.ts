/** The keyring of a process: for any number of accounts, plain keys live in one bounded cache, for at most five minutes. */
import type { AccountKeys, AccountSession } from '../platform/account-session.ts';
import type { Now } from '../platform/clock.ts';
import { type AccountKeyClients, openAccountKey } from './account-key.ts';
import { dataKept } from './data-keys.ts';
import { keyCache } from './key-cache.ts';
import { NoKeyError } from './keyring-errors.ts';
import { accountKeyPlace, dataKeyPlace, type KeyPlace } from './keyring-keys.ts';
import { destroyKept, ensureKept, openKept } from './two-copies.ts';

const cacheName = ({ row }: KeyPlace) => row.pk + row.sk;

/** Answers the two members of an account's session that open keys. */
export function keyring(now: Now) {
  const cache = keyCache(now);
  return (clients: AccountKeyClients): Pick<AccountSession, 'key' | 'keys'> => {
    const { account } = clients;
    const key = () => cache.get(cacheName(accountKeyPlace(account)), () => openAccountKey(clients));

    const keys: AccountKeys = {
      open(name) {
        const place = dataKeyPlace(account, name);
        return cache.get(cacheName(place), () => openKept(clients, dataKept({ account, key }, place)));
      },
      async ensure(name) {
        const place = dataKeyPlace(account, name);
        const ensure = () =>
          cache.get(cacheName(place), () => ensureKept(clients, dataKept({ account, key }, place)));
        try {
          return await ensure();
        } catch (error) {
          // Somebody who only wanted to open it was asking at this moment.
          if (error instanceof NoKeyError && error.reason === 'missing') return ensure();
          throw error;
        }
      },
      async destroy(name) {
        const place = dataKeyPlace(account, name);
        try {
          await destroyKept(clients, place, now());
        } finally {
          cache.forget(cacheName(place));
        }
      },
    };
    return { key, keys };
  };
}
