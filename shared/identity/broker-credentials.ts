/**
 * The credential broker: the only function that may assume the account data role. It trusts no handler: it verifies the caller's
 * token or a connector's secret again, finds the principal in the directory again, and tags the session with the account that this
 * principal belongs to. A job, which outlives its token, shows an order that the broker sealed for that token.
 */
import { AssumeRoleCommand, type STSClient } from '@aws-sdk/client-sts';
import { resolveAccount } from '../api/caller.ts';
import { DomainError } from '../api/errors.ts';
import { OPERATOR_SCOPE } from '../api/scopes.ts';
import { type Directory, findAccount } from '../directory/directory.ts';
import type { Now } from '../platform/clock.ts';
import {
  type AnySessionRequest,
  type BrokerRefusal,
  brokerRequest,
  type GrantedSession,
  type SealAnswer,
  type SealRequest,
  type SessionAnswer,
  type TokenRequest,
} from './broker-protocol.ts';
import { type ConnectorProof, establishConnector } from './connector-proof.ts';
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

/** Why not, or whose session it is. */
type Judgement = Pick<BrokerRefusal, 'reason'> | Pick<GrantedSession, 'account' | 'connector'>;

/** Throws for a request of the wrong form; refuses, as a value, whoever may not have what is asked for. */
export const brokerCredentials =
  (deps: BrokerDeps) =>
  async (input: unknown): Promise<SessionAnswer | SealAnswer> => {
    const request = brokerRequest.parse(input);
    if (request.kind === 'seal') return sealFor(deps, request);
    const judged = await judge(deps, request);
    return 'reason' in judged ? { granted: false, ...judged } : openSession(deps, judged);
  };

/** With the rights that the token has now: a job does nothing that its caller couldn't have done. */
async function sealFor(deps: BrokerDeps, { token, account }: SealRequest): Promise<SealAnswer> {
  const identity = await deps.establish(token);
  if (!identity) return { granted: false, reason: 'invalid-token' };
  try {
    const { rights } = resolveAccount(identity, account, token);
    return { granted: true, order: await sealOrder(deps.seal, { account, rights: [...rights], issuedAt: deps.now() }) };
  } catch (error) {
    if (error instanceof DomainError) return { granted: false, reason: 'denied' };
    throw error;
  }
}

async function judge(deps: BrokerDeps, request: AnySessionRequest): Promise<Judgement> {
  if (request.kind === 'order') {
    const honoured = await honourOrder(deps)(request);
    return 'reason' in honoured ? honoured : { account: request.account };
  }
  return request.kind === 'connector' ? judgeConnector(deps, request) : judgeToken(deps, request);
}

async function judgeToken(deps: BrokerDeps, request: TokenRequest): Promise<Judgement> {
  const identity = await deps.establish(request.token);
  if (!identity) return { reason: 'invalid-token' };
  return (await mayHave(deps, identity, request)) ? { account: request.account } : { reason: 'denied' };
}

async function judgeConnector({ directory }: BrokerDeps, proof: ConnectorProof): Promise<Judgement> {
  const known = await establishConnector(directory)(proof);
  if (!known) return { reason: 'invalid-token' };
  const { account, status, product, kind, createDevices } = known;
  return status === 'active' ? { account, connector: { product, kind, createDevices } } : { reason: 'denied' };
}

async function openSession(
  { sts, accountDataRole }: BrokerDeps,
  granted: Pick<GrantedSession, 'account' | 'connector'>,
): Promise<SessionAnswer> {
  const { account } = granted;
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
    ...granted,
    credentials: { accessKeyId, secretAccessKey, sessionToken },
    expiresAt: made.Expiration.getTime(),
  };
}

async function mayHave({ directory }: BrokerDeps, identity: Identity, request: TokenRequest): Promise<boolean> {
  const { account, purpose } = request;
  if (identity.kind === 'client') return identity.account === account && identity.status === 'active';
  if (identity.kind === 'member') {
    return identity.memberships.some((m) => m.account === account && m.status === 'active');
  }
  if (!identity.scopes.includes(OPERATOR_SCOPE)) return false;
  // To open an account is to write where nothing stands: never a way into one that exists.
  return purpose === 'operator.accounts.open' && (await findAccount(directory, account)) === undefined;
}
