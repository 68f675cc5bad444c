/**
 * Sessions of accounts in a warm function: credentials from the broker, for a caller's token or a job's work order, kept per account
 * for at most 50 minutes, and the account's key for at most five. Handlers hold no data permission of their own.
 */
import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { KMSClient } from '@aws-sdk/client-kms';
import type { LambdaClient } from '@aws-sdk/client-lambda';
import { DomainError } from '../api/errors.ts';
import { keyCache } from '../keyring/keyring.ts';
import type { AccountSession, Tables } from '../platform/account-session.ts';
import { callFunction } from '../platform/call-function.ts';
import type { Now } from '../platform/clock.ts';
import { type SessionRequest, sessionAnswer } from './broker-protocol.ts';

const KEEP_MS = 50 * 60_000;
const MOST_ACCOUNTS = 200;

export type OpenSession = (request: SessionRequest) => Promise<AccountSession>;

export function accountSessions(deps: {
  lambda: LambdaClient;
  brokerFunction: string;
  tables: Tables;
  masterKeyId: string;
  now: Now;
}): OpenSession {
  const ask = callFunction(deps.lambda, deps.brokerFunction, sessionAnswer);
  const keyOf = keyCache(deps.now);
  const sessions = new Map<string, { session: Promise<AccountSession>; until: number }>();

  async function open(request: SessionRequest): Promise<AccountSession> {
    const answer = await ask(request);
    if (!answer.granted) {
      const refused = answer.reason === 'invalid-token' ? 'invalid-token' : 'forbidden';
      throw new DomainError(refused, 'This gives no access to the account.');
    }
    const { credentials } = answer;
    const clients = {
      account: request.account,
      tables: deps.tables,
      masterKeyId: deps.masterKeyId,
      db: new DynamoDBClient({ credentials }),
      kms: new KMSClient({ credentials }),
    };
    return { ...clients, key: () => keyOf(clients) };
  }

  return (request) => {
    const known = sessions.get(request.account);
    if (known && known.until > deps.now()) return known.session;
    const session = open(request);
    if (sessions.size >= MOST_ACCOUNTS) sessions.delete(sessions.keys().next().value ?? '');
    sessions.set(request.account, { session, until: deps.now() + KEEP_MS });
    session.catch(() => sessions.delete(request.account));
    return session;
  };
}
