/** Audit events as an archive holds them, a line each, a file a month: `data/audit/{yyyy-mm}.ndjson.gz`. */
import { marshall } from '@aws-sdk/util-dynamodb';
import * as z from 'zod';
import { timeField } from '../api/fields.ts';
import type { AccountSession } from '../platform/account-session.ts';
import { isoTime } from '../platform/clock.ts';
import { queryItems } from '../platform/dynamodb.ts';
import { auditPartition } from './audit-keys.ts';

export const eventDocument = z.strictObject({
  id: z.string(),
  at: timeField,
  action: z.string().describe('The operation, as OpenAPI names it.'),
  principalKind: z.enum(['member', 'client', 'operator']),
  principal: z.string(),
  target: z.array(z.string()),
  status: z.int().describe('The HTTP status.'),
});
export type EventDocument = z.output<typeof eventDocument>;

const item = z.object({ sk: z.string(), ...eventDocument.omit({ id: true, at: true }).shape, at: z.number() });

/** Of a month (`yyyy-mm`, UTC) before `before` (epoch ms), in the order in which they were recorded. */
export async function* archivedEvents(
  { account, db, tables }: AccountSession,
  month: string,
  before: number,
): AsyncGenerator<EventDocument> {
  const found = queryItems(db, {
    TableName: tables.audit,
    KeyConditionExpression: 'pk = :pk',
    ExpressionAttributeValues: marshall({ ':pk': auditPartition(account, month) }),
  });
  for await (const raw of found) {
    const { sk: id, at, ...event } = item.parse(raw);
    if (at < before) yield { id, at: isoTime(at), ...event };
  }
}
