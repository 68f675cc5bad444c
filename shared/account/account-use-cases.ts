/** The use cases of the account that asks. */
import type { UseCases } from '../api/edge.ts';
import { notFound } from '../api/errors.ts';
import { mergePatch } from '../api/merge-patch.ts';
import { orStale, requireVersion } from '../api/versions.ts';
import type { AccountSession } from '../platform/account-session.ts';
import { isoTime, type Now } from '../platform/clock.ts';
import { writeTogether } from '../platform/entity.ts';
import { propertyUseCases } from '../property/property-use-cases.ts';
import type { Account } from './account.ts';
import type { accountRoutes } from './account-api.ts';
import { accountKey } from './account-keys.ts';
import { accounts, type StoredAccount } from './account-store.ts';

const show = (id: string, { sealed, createdAt, updatedAt }: StoredAccount): Account => ({
  id,
  ...sealed,
  createdAt: isoTime(createdAt),
  updatedAt: isoTime(updatedAt),
});

async function find(session: AccountSession): Promise<StoredAccount> {
  const stored = await accounts.get(session, accountKey(session.account));
  if (!stored) throw notFound('account');
  return stored;
}

export const accountUseCases = (deps: { now: Now }): UseCases<typeof accountRoutes> => ({
  memberships: async ({ memberships }) => ({
    body: { items: memberships.map(({ account, member, role }) => ({ account, member, role })) },
  }),

  get: async ({ account, session }) => {
    const stored = await find(session);
    return { body: show(account, stored), version: stored.version };
  },

  update: async ({ account, session }, { body, ifMatch }) => {
    const stored = await find(session);
    requireVersion(stored, ifMatch);
    const changed = accounts.change(stored, deps.now(), mergePatch(stored.sealed, body));
    await orStale(writeTogether(session, [await accounts.put(session, changed)]));
    return { body: show(account, changed), version: changed.version };
  },

  ...propertyUseCases<object>({ now: deps.now, id: 'account', ownerOf: async ({ account }) => ({ id: account }) }),
});
