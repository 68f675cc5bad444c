/**
 * The credential broker: the only function that may assume the account data role. It trusts no handler: it verifies the caller's
 * token or a connector's secret again, finds the principal in the directory again, and tags the session with the account that this
 * principal belongs to.
 */
import { AssumeRoleCommand, type STSClient } from '@aws-sdk/client-sts';
import { OPERATOR_SCOPE } from '../api/scopes.ts';
import { type Directory, findAccount } from '../directory/directory.ts';
import { type BrokerAnswer, brokerRequest, type TokenRequest } from './broker-protocol.ts';
import { type ConnectorProof, establishConnector } from './connector-proof.ts';
import type { Identity } from './identity.ts';

const SESSION_SECONDS = 3600;

export interface BrokerDeps {
  readonly establish: (token: string) => Promise<Identity | undefined>;
  readonly directory: Directory;
  readonly sts: STSClient;
  readonly accountDataRole: string;
}

/** Throws for a request of the wrong form; refuses, as a value, whoever may not have this account's session. */
export const brokerCredentials =
  (deps: BrokerDeps) =>
  async (input: unknown): Promise<BrokerAnswer> => {
    const request = brokerRequest.parse(input);
    const judged = 'token' in request ? await judgeToken(deps, request) : await judgeConnector(deps, request);
    if ('reason' in judged) return { granted: false, ...judged };
    const { account } = judged;
    const { Credentials: made } = await deps.sts.send(
      new AssumeRoleCommand({
        RoleArn: deps.accountDataRole,
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
      ...judged,
      credentials: { accessKeyId, secretAccessKey, sessionToken },
      expiresAt: made.Expiration.getTime(),
    };
  };

type Refusal = Pick<Extract<BrokerAnswer, { granted: false }>, 'reason'>;
type Judgement = Refusal | Pick<Extract<BrokerAnswer, { granted: true }>, 'account' | 'connector'>;

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

async function mayHave(
  { directory }: BrokerDeps,
  identity: Identity,
  { account, purpose }: TokenRequest,
): Promise<boolean> {
  if (identity.kind === 'client') return identity.account === account && identity.status === 'active';
  if (identity.kind === 'member') {
    return identity.memberships.some((m) => m.account === account && m.status === 'active');
  }
  if (!identity.scopes.includes(OPERATOR_SCOPE)) return false;
  // To open an account is to write where nothing stands: never a way into one that exists.
  return purpose === 'operator.accounts.open' && (await findAccount(directory, account)) === undefined;
}
