/**
 * Opens an account: its key, its profile, its owner, and a first API client if asked for. The registrar's second step is the last
 * of all, and lets everything live at once: what comes before leaves nothing that anybody can reach.
 */
import { ACCOUNT_SCOPES } from '../api/scopes.ts';
import { addApiClient } from '../api-client/add-api-client.ts';
import { createAccountKey } from '../keyring/account-key.ts';
import { addMember } from '../member/add-member.ts';
import type { AccountSession } from '../platform/account-session.ts';
import type { Now } from '../platform/clock.ts';
import { writeTogether } from '../platform/entity.ts';
import type { NewId } from '../platform/ids.ts';
import type { Opened, Register } from '../registration/registrar-protocol.ts';
import { accountKey } from './account-keys.ts';
import { accounts } from './account-store.ts';

export interface NewAccount {
  readonly name: string;
  readonly owner: { readonly email: string; readonly name: string };
  readonly apiClient?: boolean | undefined;
}

export interface OpenAccountDeps {
  readonly now: Now;
  readonly newId: NewId;
  readonly register: Register;
  readonly openSession: (account: string) => Promise<AccountSession>;
  /** Puts the opening into the account's own trail. */
  readonly record: (session: AccountSession) => Promise<void>;
}

/** The name of the API client that an account is opened with. */
const FIRST_CLIENT = 'First API client';

/** Answers the ids, and the client's secret the first time. */
export async function openAccount(
  deps: OpenAccountDeps,
  { name, owner, apiClient }: NewAccount,
  { token, idempotency }: { token: string; idempotency: { key: string; request: string } | undefined },
): Promise<Opened & { clientSecret?: string }> {
  const { now, newId, register } = deps;
  const client = apiClient ? newId('apiClient') : undefined;
  const prepared = await register({
    token,
    command: { kind: 'prepare-account', email: owner.email, client, idempotency },
  });
  if (prepared.opened) return prepared.opened;
  const { sub, client: made } = prepared;
  if (!sub) throw new Error('The registrar answered no person.');

  const account = newId('account');
  const member = newId('member');
  const session = await deps.openSession(account);
  await createAccountKey(session);
  await writeTogether(session, [await accounts.put(session, accounts.make(accountKey(account), now(), {}, { name }))]);
  await addMember(session, now(), { id: member, role: 'owner', sub, ...owner });
  const opened: Opened = { account, member };
  if (client && made) {
    opened.client = { id: client, clientId: made.clientId };
    await addApiClient(session, now(), { ...opened.client, name: FIRST_CLIENT, scopes: ACCOUNT_SCOPES });
  }
  await deps.record(session);
  const done = await register({ token, command: { kind: 'open-account', opened, sub, idempotency } });
  if (done.opened) return done.opened;
  return made ? { ...opened, clientSecret: made.clientSecret } : opened;
}
