/**
 * Sessions of accounts in a warm handler: credentials from the broker, kept per account for at most 50 minutes, and the account's
 * keys for at most five. Handlers hold no data permission of their own.
 */
import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { KMSClient } from '@aws-sdk/client-kms';
import type { LambdaClient } from '@aws-sdk/client-lambda';
import { S3Client } from '@aws-sdk/client-s3';
import { DomainError } from '../api/errors.ts';
import { keyring } from '../keyring/keyring.ts';
import type { AccountSession, Stores } from '../platform/account-session.ts';
import { callFunction } from '../platform/call-function.ts';
import type { Now } from '../platform/clock.ts';
import { type BrokerRequest, brokerAnswer } from './broker-protocol.ts';

const KEEP_MS = 50 * 60_000;
const MOST_ACCOUNTS = 200;

export type OpenSession = (request: BrokerRequest) => Promise<AccountSession>;

export function accountSessions(deps: {
  lambda: LambdaClient;
  brokerFunction: string;
  stores: Stores;
  now: Now;
}): OpenSession {
  const ask = callFunction(deps.lambda, deps.brokerFunction, brokerAnswer);
  const keysOf = keyring(deps.now);
  const sessions = new Map<string, { session: Promise<AccountSession>; until: number }>();

  async function open(request: BrokerRequest): Promise<AccountSession> {
    const answer = await ask(request);
    if (!answer.granted) {
      const refused = answer.reason === 'invalid-token' ? 'invalid-token' : 'forbidden';
      throw new DomainError(refused, 'The access token gives no access to this account.');
    }
    const { credentials } = answer;
    const clients = {
      account: request.account,
      ...deps.stores,
      db: new DynamoDBClient({ credentials }),
      kms: new KMSClient({ credentials }),
      s3: new S3Client({ credentials }),
    };
    return { ...clients, ...keysOf(clients) };
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
