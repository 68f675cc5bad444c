/**
 * Who asks, as use cases see it: made by the edge alone, in identify-caller.ts. Whoever has a token is resolved here: rights are what
 * the directory says of the principal ∩ what the token asks for. A connector is what the broker says of its secret. The broker
 * (for orders), the registrar and the provisioner, which trust no handler, resolve a token once more.
 */
import type { OpenedConnector } from '../identity/connector-sessions.ts';
import type { Identity } from '../identity/identity.ts';
import type { AccountSession } from '../platform/account-session.ts';
import { DomainError } from './errors.ts';
import { ACCOUNT_SCOPES, type AccountScope, isAccountScope, OPERATOR_SCOPE, ROLE_SCOPES } from './scopes.ts';

export interface Principal {
  readonly kind: 'member' | 'client' | 'operator';
  /** `mbr_…`, `cli_…`, or the operator's subject. */
  readonly id: string;
}

export interface AccountCaller {
  readonly account: string;
  readonly principal: Principal;
  readonly rights: ReadonlySet<AccountScope>;
  readonly token: string;
  readonly session: AccountSession;
}

export interface OperatorCaller {
  readonly principal: Principal;
  readonly token: string;
}

/** A connector that has shown its secret; `proof` is for whoever trusts no handler. */
export type ConnectorCaller = OpenedConnector;

/** An account's principal before its session is opened. */
export type Resolved = Omit<AccountCaller, 'session'>;

const rightsOf = (held: readonly AccountScope[], asked: readonly string[]): ReadonlySet<AccountScope> =>
  new Set(asked.filter(isAccountScope).filter((scope) => held.includes(scope)));

/** `wanted` is the `Custodia-Account` header: needed only by a person of several accounts. */
export function resolveAccount(identity: Identity, wanted: string | undefined, token: string): Resolved {
  if (identity.kind === 'operator') throw new DomainError('forbidden', 'An operator belongs to no account.');
  if (identity.kind === 'client') {
    if (wanted !== undefined && wanted !== identity.account) {
      throw new DomainError('forbidden', 'This API client does not belong to the account named in Custodia-Account.');
    }
    refuseSuspended(identity.status);
    const principal = { kind: 'client', id: identity.client } as const;
    return { account: identity.account, principal, rights: rightsOf(ACCOUNT_SCOPES, identity.scopes), token };
  }
  const { memberships } = identity;
  const found = wanted === undefined ? memberships : memberships.filter((m) => m.account === wanted);
  const [membership] = found;
  if (!membership) throw new DomainError('forbidden', 'You are not a member of the account named in Custodia-Account.');
  if (found.length > 1) {
    throw new DomainError('forbidden', 'You belong to several accounts: name one in the Custodia-Account header.');
  }
  refuseSuspended(membership.status);
  return {
    account: membership.account,
    principal: { kind: 'member', id: membership.member },
    rights: rightsOf(ROLE_SCOPES[membership.role], identity.scopes),
    token,
  };
}

/** Only who is an operator in the directory's sense: a member whose token carries the scope is none. */
export function resolveOperator(identity: Identity, token: string): OperatorCaller {
  if (identity.kind !== 'operator') throw new DomainError('forbidden', 'Only the operator may do this.');
  if (!identity.scopes.includes(OPERATOR_SCOPE))
    throw new DomainError('forbidden', 'The token lacks custodia/operator.');
  return { principal: { kind: 'operator', id: identity.id }, token };
}

function refuseSuspended(status: 'active' | 'suspended') {
  if (status === 'suspended') throw new DomainError('forbidden', 'The account is suspended.');
}
