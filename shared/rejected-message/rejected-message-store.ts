/** Rejected messages at rest: topic and detail sealed. */
import { PutItemCommand } from '@aws-sdk/client-dynamodb';
import * as z from 'zod';
import type { AccountSession } from '../platform/account-session.ts';
import { type EntityOf, entityKind } from '../platform/entity.ts';
import { rejectedMessage } from './rejected-message.ts';
import { rejectedKey, rejectedPartition } from './rejected-message-keys.ts';

const kind = entityKind('rejected-messages', {
  plain: rejectedMessage.pick({ id: true, device: true, reason: true, size: true }).extend({ ttl: z.number() }),
  sealed: rejectedMessage.pick({ topic: true, detail: true }),
});
export type StoredRejectedMessage = EntityOf<typeof kind>;

export const KEPT_MS = 7 * 86_400_000;

export const rejectedMessages = {
  /** Newest first. */
  page: (session: AccountSession, options: { limit: number; after?: string | undefined }) =>
    kind.list(session, rejectedPartition(session.account), { ...options, newestFirst: true }),

  /** Writes one; the same again changes nothing. */
  async put(
    session: AccountSession,
    receivedAt: number,
    { topic, detail, ...plain }: Omit<z.output<typeof rejectedMessage>, 'receivedAt'>,
  ): Promise<void> {
    const ttl = Math.ceil((receivedAt + KEPT_MS) / 1000);
    const key = rejectedKey(session.account, plain.id);
    const { Put } = await kind.put(session, kind.make(key, receivedAt, { ...plain, ttl }, { topic, detail }));
    await session.db.send(new PutItemCommand({ TableName: Put?.TableName, Item: Put?.Item }));
  },
};
