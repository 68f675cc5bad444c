/**
 * Opens an account: its key, its profile, its owner, and a first API client if asked for. It goes live with the registrar's step;
 * what comes before leaves nothing that anybody can reach.
 */

import { ACCOUNT_SCOPES } from '../api/scopes.ts';
import { addApiClient } from '../api-client/add-api-client.ts';
import { createAccountKey } from '../keyring/keyring.ts';
import { addMember } from '../member/add-member.ts';
import type { AccountSession } from '../platform/account-session.ts';
import type { Now } from '../platform/clock.ts';
import { writeTogether } from '../platform/entity.ts';
import type { NewId } from '../platform/ids.ts';
import type { Register } from '../registration/registrar-protocol.ts';
import { accountKey } from './account-keys.ts';
import { accounts } from './account-store.ts';

export interface NewAccount {
  readonly name: string;
  readonly owner: { readonly email: string; readonly name: string };
  readonly apiClient?: boolean | undefined;
}

/** The name of the API client that an account is opened with. */
const FIRST_CLIENT = 'First API client';

export async function openAccount(
  deps: { now: Now; newId: NewId; register: Register },
  session: AccountSession,
  { token, name, owner, apiClient }: NewAccount & { token: string },
) {
  const { account } = session;
  const now = deps.now();
  const member = deps.newId('member');
  const client = apiClient ? deps.newId('apiClient') : undefined;
  await createAccountKey(session);
  await writeTogether(session, [await accounts.put(session, accounts.make(accountKey(account), now, {}, { name }))]);
  const registered = await deps.register({
    token,
    command: { kind: 'open-account', account, owner: { member, email: owner.email }, client },
  });
  if (!registered.sub) throw new Error('The registrar answered no person.');
  await addMember(session, now, { id: member, role: 'owner', sub: registered.sub, ...owner });
  if (!client || !registered.client) return { member };
  const { clientId, clientSecret } = registered.client;
  await addApiClient(session, now, { id: client, clientId, name: FIRST_CLIENT, scopes: ACCOUNT_SCOPES });
  return { member, client: { id: client, clientId, clientSecret, scopes: ACCOUNT_SCOPES } };
}
