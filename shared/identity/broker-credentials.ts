/**
 * The credential broker: the only function that may assume the account data role. It trusts no handler: it verifies the caller's
 * token again, finds the principal in the directory again, and tags the session with the account that this principal belongs to. A
 * job, which outlives its token, shows an order that the broker sealed for that token.
 */
import { AssumeRoleCommand, type STSClient } from '@aws-sdk/client-sts';
import { OPERATOR_SCOPE } from '../api/scopes.ts';
import { type Directory, findAccount } from '../directory/directory.ts';
import type { Now } from '../platform/clock.ts';
import {
  type BrokerRefusal,
  brokerRequest,
  type SealAnswer,
  type SealRequest,
  type SessionAnswer,
  type SessionRequest,
  type TokenRequest,
} from './broker-protocol.ts';
import { honourOrder } from './honour-order.ts';
import type { Identity } from './identity.ts';
import { type OrderSeal, sealOrder } from './work-order.ts';

const SESSION_SECONDS = 3600;

export interface BrokerDeps {
  readonly establish: (token: string) => Promise<Identity | undefined>;
  readonly directory: Directory;
  readonly sts: STSClient;
  readonly accountDataRole: string;
  readonly seal: OrderSeal;
  readonly now: Now;
}

const refuse = (reason: BrokerRefusal['reason']): BrokerRefusal => ({ granted: false, reason });

/** Throws for a request of the wrong form; refuses, as a value, whoever may not have what is asked for. */
export const brokerCredentials =
  (deps: BrokerDeps) =>
  async (input: unknown): Promise<SessionAnswer | SealAnswer> => {
    const request = brokerRequest.parse(input);
    const refused = await refusalOf(deps, request);
    if (refused) return refused;
    if (request.kind !== 'seal') return openSession(deps, request.account);
    const { account, job, jobKind } = request;
    return { granted: true, order: await sealOrder(deps.seal, { account, job, jobKind, issuedAt: deps.now() }) };
  };

async function refusalOf(deps: BrokerDeps, request: SessionRequest | SealRequest): Promise<BrokerRefusal | undefined> {
  if (request.kind === 'order') {
    const honoured = await honourOrder(deps)(request);
    return honoured === 'honoured' ? undefined : refuse(honoured);
  }
  const identity = await deps.establish(request.token);
  if (!identity) return refuse('invalid-token');
  return (await mayHave(deps, identity, request)) ? undefined : refuse('denied');
}

async function openSession({ sts, accountDataRole }: BrokerDeps, account: string): Promise<SessionAnswer> {
  const { Credentials: made } = await sts.send(
    new AssumeRoleCommand({
      RoleArn: accountDataRole,
      RoleSessionName: account,
      DurationSeconds: SESSION_SECONDS,
      Tags: [{ Key: 'account', Value: account }],
    }),
  );
  if (!made?.AccessKeyId || !made.SecretAccessKey || !made.SessionToken || !made.Expiration) {
    throw new Error('STS answered no credentials.');
  }
  const { AccessKeyId: accessKeyId, SecretAccessKey: secretAccessKey, SessionToken: sessionToken } = made;
  return {
    granted: true,
    credentials: { accessKeyId, secretAccessKey, sessionToken },
    expiresAt: made.Expiration.getTime(),
  };
}

async function mayHave(
  { directory }: BrokerDeps,
  identity: Identity,
  request: TokenRequest | SealRequest,
): Promise<boolean> {
  const { account } = request;
  if (identity.kind === 'client') return identity.account === account && identity.status === 'active';
  if (identity.kind === 'member') {
    return identity.memberships.some((m) => m.account === account && m.status === 'active');
  }
  if (!identity.scopes.includes(OPERATOR_SCOPE)) return false;
  // To open an account is to write where nothing stands: never a way into one that exists.
  const opening = request.kind === 'token' && request.purpose === 'operator.accounts.open';
  return opening && (await findAccount(directory, account)) === undefined;
}
