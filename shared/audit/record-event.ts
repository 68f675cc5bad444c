/**
 * The audit trail: who did what to what, and how it ended, by ids alone. Written by the edge for every request that changes
 * something, refused ones included. An account's session may add events and has no right to update or delete one. That a put can
 * replace an event is what IAM can't forbid: the condition below keeps our own code from it, and only a chain would show others.
 */
import { PutItemCommand } from '@aws-sdk/client-dynamodb';
import { marshall } from '@aws-sdk/util-dynamodb';
import type { AccountSession } from '../platform/account-session.ts';
import { auditEventKey } from './audit-keys.ts';

export interface AuditEvent {
  /** `evt_…` */
  readonly id: string;
  /** Epoch milliseconds. */
  readonly at: number;
  /** The route's id. */
  readonly action: string;
  readonly principalKind: 'member' | 'client' | 'operator';
  readonly principal: string;
  /** The ids that the path or the answer's Location names. */
  readonly target: readonly string[];
  /** The HTTP status. */
  readonly status: number;
}

export async function recordEvent(session: AccountSession, { id, ...event }: AuditEvent): Promise<void> {
  await session.db.send(
    new PutItemCommand({
      TableName: session.tables.audit,
      Item: marshall({ ...auditEventKey(session.account, event.at, id), ...event }),
      ConditionExpression: 'attribute_not_exists(pk)',
    }),
  );
}
