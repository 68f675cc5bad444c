/**
 * `Idempotency-Key`: the same request again, by the same principal on the same route within a day, is answered as before and done
 * once. The answer is kept sealed and without its secrets: a replay never shows a secret again.
 */
import { ConditionalCheckFailedException, DeleteItemCommand, PutItemCommand } from '@aws-sdk/client-dynamodb';
import { marshall, unmarshall } from '@aws-sdk/util-dynamodb';
import * as z from 'zod';
import { DomainError } from '../api/errors.ts';
import type { HttpAnswer } from '../api/http-event.ts';
import type { AccountSession } from '../platform/account-session.ts';
import { seal, unseal } from '../platform/sealing.ts';
import { idempotencyKey } from './idempotency-keys.ts';

const DAY_MS = 24 * 3600_000;
/** Longer than a handler lives: after it, a request that died without an answer may be tried again. */
const IN_FLIGHT_MS = 60_000;
const STORE = 'idempotency';

const record = z.object({
  request: z.string(),
  until: z.number(),
  ttl: z.number(),
  s: z.instanceof(Uint8Array).optional(),
});
const answer = z.object({ statusCode: z.number(), headers: z.record(z.string(), z.string()), body: z.string() });

export interface IdempotentRequest {
  readonly session: AccountSession;
  readonly principal: string;
  readonly route: string;
  /** The header's value. */
  readonly key: string;
  /** What the request asks for; see `requestHash`. */
  readonly request: string;
}

const keyOf = ({ session, principal, route, key }: IdempotentRequest) =>
  idempotencyKey(session.account, principal, route, key);
const place = (r: IdempotentRequest) => ({ account: r.session.account, store: STORE, ...keyOf(r) });

export const idempotencyMismatch = () =>
  new DomainError('idempotency-mismatch', 'This idempotency key was used with another request: take a new one.');
export const requestInFlight = () =>
  new DomainError('in-flight', 'The first request with this key is still running: ask again shortly.');

/** Claims the key. Answers what was answered before, or `undefined` to go on. Throws while another request holds it. */
export async function beginIdempotent(r: IdempotentRequest, now: number): Promise<HttpAnswer | undefined> {
  const { session } = r;
  try {
    await session.db.send(
      new PutItemCommand({
        TableName: session.tables.entities,
        Item: marshall({
          ...keyOf(r),
          request: r.request,
          until: now + IN_FLIGHT_MS,
          ttl: Math.ceil((now + DAY_MS) / 1000),
        }),
        // Free, run out, or left behind by a request that died.
        ConditionExpression:
          'attribute_not_exists(pk) OR #ttl < :now OR (attribute_not_exists(s) AND #until < :nowMs AND #request = :request)',
        ExpressionAttributeNames: { '#ttl': 'ttl', '#until': 'until', '#request': 'request' },
        ExpressionAttributeValues: marshall({ ':now': Math.floor(now / 1000), ':nowMs': now, ':request': r.request }),
        ReturnValuesOnConditionCheckFailure: 'ALL_OLD',
      }),
    );
    return undefined;
  } catch (error) {
    if (!(error instanceof ConditionalCheckFailedException) || !error.Item) throw error;
    const known = record.parse(unmarshall(error.Item));
    if (known.request !== r.request) throw idempotencyMismatch();
    if (!known.s) throw requestInFlight();
    const text = unseal(await session.key(), place(r), known.s).toString();
    return answer.parse(JSON.parse(text));
  }
}

/** Keeps the answer for replays. `replay` must hold no secret. */
export async function finishIdempotent(r: IdempotentRequest, replay: HttpAnswer, now: number): Promise<void> {
  const { session } = r;
  const s = seal(await session.key(), place(r), Buffer.from(JSON.stringify(replay)));
  const ttl = Math.ceil((now + DAY_MS) / 1000);
  await session.db.send(
    new PutItemCommand({
      TableName: session.tables.entities,
      Item: marshall({ ...keyOf(r), request: r.request, until: now, ttl, s }),
    }),
  );
}

/** Lets go of the key after a failure: nothing was done, so the same request may be tried again. */
export async function abandonIdempotent(r: IdempotentRequest): Promise<void> {
  await r.session.db.send(new DeleteItemCommand({ TableName: r.session.tables.entities, Key: marshall(keyOf(r)) }));
}
