/** The keyring of a process: for any number of accounts, plain keys live in one bounded cache, for at most five minutes. */
import type { AccountKeys, AccountSession, DataKeyName } from '../platform/account-session.ts';
import type { Now } from '../platform/clock.ts';
import { type AccountKeyClients, openAccountKey } from './account-key.ts';
import { dataKept } from './data-keys.ts';
import { keyCache } from './key-cache.ts';
import { NoKeyError } from './keyring-errors.ts';
import { accountKeyPlace, dataKeyPlace, type KeyPlace } from './keyring-keys.ts';
import { type CopyClients, destroyKept, ensureKept, type KeptKey, openKept } from './two-copies.ts';

const cacheName = ({ row }: KeyPlace) => row.pk + row.sk;

/** Answers the two members of an account's session that open keys. */
export function keyring(now: Now) {
  const cache = keyCache(now);
  return (clients: AccountKeyClients): Pick<AccountSession, 'key' | 'keys'> => {
    const { account } = clients;
    const key = () => cache.get(cacheName(accountKeyPlace(account)), () => openAccountKey(clients));

    const cached = (name: DataKeyName, get: (clients: CopyClients, kept: KeptKey) => Promise<Uint8Array>) => {
      const place = dataKeyPlace(account, name);
      return cache.get(cacheName(place), () => get(clients, dataKept({ account, key }, place)));
    };

    const keys: AccountKeys = {
      open: (name) => cached(name, openKept),
      async ensure(name) {
        try {
          return await cached(name, ensureKept);
        } catch (error) {
          // Somebody who only wanted to open it was asking at this moment.
          if (error instanceof NoKeyError && error.reason === 'missing') return cached(name, ensureKept);
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
