/**
 * Sessions of accounts in a warm function: credentials from the broker, for a caller's token or a job's work order, and the account's
 * keys for at most five minutes. Handlers hold no data permission of their own.
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
import { type GrantedSession, type SessionRequest, sessionAnswer } from './broker-protocol.ts';

/** For tokens: the gateway has each judged again within half a minute, and what they may do. */
const KEEP_MS = 50 * 60_000;
/** For orders, which nobody else judges: a suspended account's jobs stop within it. */
const BELIEVED_MS = 30_000;
const MOST_ACCOUNTS = 200;

export type OpenSession = (request: SessionRequest) => Promise<AccountSession>;

export interface SessionDeps {
  readonly lambda: LambdaClient;
  readonly brokerFunction: string;
  readonly stores: Stores;
  readonly now: Now;
}

/** From what the broker granted to a session. One maker keeps the keys of all sessions that it makes. */
export function sessionMaker(deps: SessionDeps) {
  const keysOf = keyring(deps.now);
  return ({ account, credentials }: GrantedSession): AccountSession => {
    const clients = {
      account,
      ...deps.stores,
      db: new DynamoDBClient({ credentials }),
      kms: new KMSClient({ credentials }),
      s3: new S3Client({ credentials }),
    };
    return { ...clients, ...keysOf(clients) };
  };
}

export function accountSessions(deps: SessionDeps): OpenSession {
  const ask = callFunction(deps.lambda, deps.brokerFunction, sessionAnswer);
  const make = sessionMaker(deps);
  const sessions = new Map<string, { session: Promise<AccountSession>; until: number }>();

  async function open(request: SessionRequest): Promise<AccountSession> {
    const answer = await ask(request);
    if (!answer.granted) {
      const refused = answer.reason === 'invalid-token' ? 'invalid-token' : 'forbidden';
      throw new DomainError(refused, 'This gives no access to the account.');
    }
    return make(answer);
  }

  return (request) => {
    const [key, keptFor] =
      request.kind === 'order' ? [`${request.account} ${request.order}`, BELIEVED_MS] : [request.account, KEEP_MS];
    const known = sessions.get(key);
    if (known && known.until > deps.now()) return known.session;
    const session = open(request);
    if (sessions.size >= MOST_ACCOUNTS) sessions.delete(sessions.keys().next().value ?? '');
    sessions.set(key, { session, until: deps.now() + keptFor });
    session.catch(() => sessions.delete(key));
    return session;
  };
}
