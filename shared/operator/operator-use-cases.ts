/** The use cases of the operator: who opens, lists and suspends accounts, and sees no data of theirs. */
import { openAccount } from '../account/open-account.ts';
import type { UseCases } from '../api/edge.ts';
import { invalid, notFound } from '../api/errors.ts';
import { ACCOUNT_SCOPES } from '../api/scopes.ts';
import { withServer } from '../api-client/api-client.ts';
import { recordEvent } from '../audit/record-event.ts';
import type { OpenSession } from '../identity/account-sessions.ts';
import type { AccountSession } from '../platform/account-session.ts';
import { isoTime, type Now } from '../platform/clock.ts';
import { idSchema, type NewId } from '../platform/ids.ts';
import type { Register } from '../registration/registrar-protocol.ts';
import { operatorRoutes } from './operator-api.ts';

export interface OperatorDeps {
  readonly now: Now;
  readonly newId: NewId;
  readonly register: Register;
  readonly openSession: OpenSession;
}

/** The operator's list is of ids alone, so that its cursor is the last of them. */
const cursorOf = (account: string) => Buffer.from(account).toString('base64url');
function afterOf(cursor: string | undefined): string | undefined {
  if (cursor === undefined) return undefined;
  const account = idSchema('account').safeParse(Buffer.from(cursor, 'base64url').toString());
  if (!account.success || cursorOf(account.data) !== cursor)
    throw invalid('/query/cursor', 'is not a cursor of this list');
  return account.data;
}

const show = (row: { id: string; status: 'active' | 'suspended'; createdAt: number }) => ({
  ...row,
  createdAt: isoTime(row.createdAt),
});

export const operatorUseCases = (deps: OperatorDeps): UseCases<typeof operatorRoutes> => ({
  listAccounts: async ({ token }, { query }) => {
    const command = { kind: 'list-accounts' as const, limit: query.limit, after: afterOf(query.cursor) };
    const { accounts = [], more } = await deps.register({ token, command });
    const last = accounts.at(-1);
    const next = more && last ? cursorOf(last.id) : undefined;
    return { body: { items: accounts.map(show), ...(next ? { next } : {}) }, next };
  },

  openAccount: async ({ principal, token }, { body, idempotency }) => {
    const openSession = (account: string) =>
      deps.openSession({ kind: 'token', token, account, purpose: 'operator.accounts.open' });
    const record = (session: AccountSession) =>
      recordEvent(session, {
        id: deps.newId('auditEvent'),
        at: deps.now(),
        action: operatorRoutes.openAccount.id,
        principalKind: principal.kind,
        principal: principal.id,
        target: [session.account],
        status: operatorRoutes.openAccount.status,
      });
    const opened = await openAccount({ ...deps, openSession, record }, body, { token, idempotency });
    const { account, member, client, clientSecret } = opened;
    return {
      body: {
        id: account,
        name: body.name,
        owner: { memberId: member, email: body.owner.email },
        ...(client ? { apiClient: { ...client, clientSecret, scopes: withServer(ACCOUNT_SCOPES) } } : {}),
      },
      location: `/v1/operator/accounts/${account}`,
    };
  },

  updateAccount: async ({ token }, { params, body }) => {
    if (body.status === undefined) throw invalid('/status', 'is required');
    const command = { kind: 'change-status' as const, account: params.id, status: body.status };
    const { accounts: [changed] = [] } = await deps.register({ token, command });
    if (!changed) throw notFound('account');
    return { body: show(changed) };
  },
});
