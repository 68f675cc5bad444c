/** Keeps a client that the registrar has made: for the account's own route, and for opening an account. */

import type { AccountSession } from '../platform/account-session.ts';
import { writeTogether } from '../platform/entity.ts';
import { apiClientKey } from './api-client-keys.ts';
import { apiClients } from './api-client-store.ts';

export async function addApiClient(
  session: AccountSession,
  now: number,
  client: { id: string; clientId: string; name: string; scopes: readonly string[] },
): Promise<void> {
  const { name, ...plain } = client;
  const key = apiClientKey(session.account, client.id);
  const stored = apiClients.make(key, now, { ...plain, scopes: [...plain.scopes] }, { name });
  await writeTogether(session, [await apiClients.put(session, stored)]);
}
