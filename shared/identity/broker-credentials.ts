/**
 * The credential broker: the only function that may assume the account data role. It trusts no handler: it verifies the caller's
 * token again, finds the principal in the directory again, and tags the session with the account that this principal belongs to.
 */
import { AssumeRoleCommand, type STSClient } from '@aws-sdk/client-sts';
import { OPERATOR_SCOPE } from '../api/scopes.ts';
import { type Directory, findAccount } from '../directory/directory.ts';
import { type BrokerAnswer, type BrokerRequest, brokerRequest } from './broker-protocol.ts';
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
    const identity = await deps.establish(request.token);
    if (!identity) return { granted: false, reason: 'invalid-token' };
    if (!(await mayHave(deps, identity, request))) return { granted: false, reason: 'denied' };
    const { Credentials: made } = await deps.sts.send(
      new AssumeRoleCommand({
        RoleArn: deps.accountDataRole,
        RoleSessionName: request.account,
        DurationSeconds: SESSION_SECONDS,
        Tags: [{ Key: 'account', Value: request.account }],
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
  };

async function mayHave(
  { directory }: BrokerDeps,
  identity: Identity,
  { account, purpose }: BrokerRequest,
): Promise<boolean> {
  if (identity.kind === 'client') return identity.account === account && identity.status === 'active';
  if (identity.kind === 'member') {
    return identity.memberships.some((m) => m.account === account && m.status === 'active');
  }
  if (!identity.scopes.includes(OPERATOR_SCOPE)) return false;
  // To open an account is to write where nothing stands: never a way into one that exists.
  return purpose === 'operator.accounts.open' && (await findAccount(directory, account)) === undefined;
}
