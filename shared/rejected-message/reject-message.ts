/** Lists a message that couldn't be stored, with its reason and without its payload. */
import type { AccountSession } from '../platform/account-session.ts';
import { derivedId } from '../platform/ids.ts';
import { REASONS, type Reason } from './rejected-message.ts';
import { rejectedMessages } from './rejected-message-store.ts';

/** Longest detail and topic that are kept: enough to see what is wrong. */
const MOST_TEXT = 500;

export interface Rejection {
  /** What makes the message this one: rejected again under the same source, it is listed once. */
  readonly source: string;
  /** Epoch milliseconds. */
  readonly receivedAt: number;
  readonly topic: string;
  readonly device?: string | undefined;
  readonly reason: Reason;
  /** Default: the reason's own text. */
  readonly detail?: string | undefined;
  /** Bytes of the payload. */
  readonly size: number;
}

export async function rejectMessage(session: AccountSession, rejection: Rejection): Promise<void> {
  const { source, receivedAt, topic, detail, ...rest } = rejection;
  await rejectedMessages.put(session, receivedAt, {
    ...rest,
    id: derivedId('rejectedMessage', receivedAt, source),
    topic: topic.slice(0, MOST_TEXT),
    detail: (detail ?? REASONS[rest.reason]).slice(0, MOST_TEXT),
  });
}
