/**
 * Idempotency keys of operators, who have no account to keep them in: one row for each opening of an account. It holds a hash of
 * the request and ids, never what a person entered.
 */
import { ConditionalCheckFailedException, PutItemCommand, type TransactWriteItem } from '@aws-sdk/client-dynamodb';
import { marshall, unmarshall } from '@aws-sdk/util-dynamodb';
import * as z from 'zod';
import type { Directory } from './directory.ts';
import { idempotencyKey } from './directory-keys.ts';

const DAY_MS = 24 * 3600_000;
/** Longer than a handler lives: after it, a request that died may be tried again. */
const IN_FLIGHT_MS = 60_000;

const opened = z.object({
  account: z.string(),
  member: z.string(),
  client: z.object({ id: z.string(), clientId: z.string() }).optional(),
});
type Opened = z.output<typeof opened>;

const row = z.object({ request: z.string(), opened: opened.optional() });

export interface Opening {
  readonly principal: string;
  /** The `Idempotency-Key`. */
  readonly key: string;
  /** What the request asks for, hashed. */
  readonly request: string;
}

/** Claims the key: `claimed`, or what keeps from it; what was opened with it before is answered again. */
export async function claimOpening(
  { db, table }: Directory,
  { principal, key, request }: Opening,
  now: number,
): Promise<'claimed' | 'mismatch' | 'in-flight' | Opened> {
  const ttl = Math.ceil((now + DAY_MS) / 1000);
  try {
    await db.send(
      new PutItemCommand({
        TableName: table,
        Item: marshall({ ...idempotencyKey(principal, key), request, until: now + IN_FLIGHT_MS, ttl }),
        // Free, run out, or left behind by a request that died.
        ConditionExpression:
          'attribute_not_exists(pk) OR #ttl < :now OR (attribute_not_exists(opened) AND #until < :nowMs AND #request = :request)',
        ExpressionAttributeNames: { '#ttl': 'ttl', '#until': 'until', '#request': 'request' },
        ExpressionAttributeValues: marshall({ ':now': Math.floor(now / 1000), ':nowMs': now, ':request': request }),
        ReturnValuesOnConditionCheckFailure: 'ALL_OLD',
      }),
    );
    return 'claimed';
  } catch (error) {
    if (!(error instanceof ConditionalCheckFailedException) || !error.Item) throw error;
    const known = row.parse(unmarshall(error.Item));
    return known.request === request ? (known.opened ?? 'in-flight') : 'mismatch';
  }
}

/** Part of opening the account: fails if the claim was taken over by another request that has opened one. */
export const keepOpening = (
  { table }: Directory,
  { principal, key, request }: Opening,
  ids: Opened,
): TransactWriteItem => ({
  Update: {
    TableName: table,
    Key: marshall(idempotencyKey(principal, key)),
    UpdateExpression: 'SET opened = :opened',
    ConditionExpression: '#request = :request AND attribute_not_exists(opened)',
    ExpressionAttributeNames: { '#request': 'request' },
    ExpressionAttributeValues: marshall({ ':request': request, ':opened': ids }, { removeUndefinedValues: true }),
  },
});
