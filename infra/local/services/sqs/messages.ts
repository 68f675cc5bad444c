/** The life of a message: sent, received, hidden for a while, deleted or given up to the dead-letter queue. */
import { randomUUID } from 'node:crypto';
import { AwsError, type Clock } from '../../contract.ts';
import type { Arrivals } from './arrivals.ts';
import { invalidValue } from './errors.ts';
import { attributesSize, type MessageAttributes } from './message-attributes.ts';
import { redrivePolicyOf, withDefaults } from './queue-attributes.ts';
import { queueNameOf } from './queue-names.ts';
import type { Message, Queue, Store } from './store.ts';

export interface Outgoing {
  readonly body: string;
  readonly attributes: MessageAttributes;
  readonly sender: string;
  readonly delaySeconds?: number;
}

export interface Messages {
  /** Answers the message's id. Throws `AwsError` for what SQS doesn't take. */
  send(queue: Queue, outgoing: Outgoing): string;
  receive(queue: Queue, max: number, visibilitySeconds?: number): Message[];
  /** As on AWS, deleting what is gone already succeeds. */
  remove(queue: string, receipt: string): void;
  /** Hides a received message for so many seconds from now; 0 gives it back. False if it is no longer in flight. */
  hide(queue: string, receipt: string, seconds: number): boolean;
}

export const messageSize = ({ body, attributes }: Pick<Outgoing, 'body' | 'attributes'>) =>
  Buffer.byteLength(body) + attributesSize(attributes);

// XML 1.0's characters, which SQS keeps to also in its JSON protocol.
const INVALID_CHARACTERS = /[^\t\n\r\u{20}-\u{D7FF}\u{E000}-\u{FFFD}\u{10000}-\u{10FFFF}]/u;
const RECEIPT = /^[\da-f]{8}(-[\da-f]{4}){3}-[\da-f]{12}$/;

export function createMessages(store: Store, clock: Clock, arrivals: Arrivals): Messages {
  const receipted = (queue: string, receipt: string) => {
    const sql = 'SELECT queue, visible_at FROM messages WHERE receipt = ?';
    const [found] = store.rows<Pick<Message, 'queue' | 'visible_at'>>(sql, receipt);
    if (!RECEIPT.test(receipt) || (found && found.queue !== queue)) {
      throw new AwsError(
        'ReceiptHandleIsInvalid',
        `The input receipt handle "${receipt}" is not a valid receipt handle.`,
      );
    }
    return found;
  };

  /** What SQS does by itself: forget what is too old, give up what was received too often. */
  const settle = ({ name, attributes }: Queue, now: number): string | undefined => {
    const oldest = now - Number(withDefaults(attributes).MessageRetentionPeriod) * 1000;
    store.run('DELETE FROM messages WHERE queue = ? AND sent_at < ?', name, oldest);
    const policy = redrivePolicyOf(attributes);
    const deadLetters = policy && queueNameOf(policy.deadLetterTargetArn);
    if (!policy || !deadLetters || !store.queue(deadLetters)) return undefined;
    const given = store.run(
      `UPDATE messages SET queue = ?, visible_at = ?, receipt = NULL, dead_from = ?
       WHERE queue = ? AND visible_at <= ? AND receives >= ?`,
      deadLetters,
      now,
      name,
      name,
      now,
      policy.maxReceiveCount,
    );
    return given > 0 ? deadLetters : undefined;
  };

  return {
    send({ name, attributes }, outgoing) {
      const { DelaySeconds, MaximumMessageSize } = withDefaults(attributes);
      if (outgoing.body === '') {
        throw new AwsError('MissingParameter', 'The request must contain the parameter MessageBody.');
      }
      if (INVALID_CHARACTERS.test(outgoing.body)) {
        throw new AwsError('InvalidMessageContents', 'Invalid characters found. Valid unicode characters are #x9 | …');
      }
      if (messageSize(outgoing) > Number(MaximumMessageSize)) {
        throw invalidValue(`Message must be shorter than ${MaximumMessageSize} bytes.`);
      }
      const [id, now] = [randomUUID(), clock.now()];
      const visibleAt = now + (outgoing.delaySeconds ?? Number(DelaySeconds)) * 1000;
      store.run(
        'INSERT INTO messages (id, queue, body, attributes, sender, sent_at, visible_at) VALUES (?, ?, ?, ?, ?, ?, ?)',
        id,
        name,
        outgoing.body,
        JSON.stringify(outgoing.attributes),
        outgoing.sender,
        now,
        visibleAt,
      );
      if (visibleAt <= now) arrivals.announce(name);
      return id;
    },

    receive(queue, max, visibilitySeconds = Number(withDefaults(queue.attributes).VisibilityTimeout)) {
      const now = clock.now();
      const { taken, deadLetters } = store.transaction(() => {
        const deadLetters = settle(queue, now);
        const sql = 'SELECT seq FROM messages WHERE queue = ? AND visible_at <= ? ORDER BY visible_at, seq LIMIT ?';
        const taken = store.rows<{ seq: number }>(sql, queue.name, now, max).flatMap(({ seq }) =>
          store.rows<Message>(
            `UPDATE messages SET visible_at = ?, receives = receives + 1, receipt = ?,
               first_received_at = coalesce(first_received_at, ?) WHERE seq = ? RETURNING *`,
            now + visibilitySeconds * 1000,
            randomUUID(),
            now,
            seq,
          ),
        );
        return { taken, deadLetters };
      });
      if (deadLetters) arrivals.announce(deadLetters);
      return taken;
    },

    remove(queue, receipt) {
      receipted(queue, receipt);
      store.run('DELETE FROM messages WHERE receipt = ?', receipt);
    },

    hide(queue, receipt, seconds) {
      const found = receipted(queue, receipt);
      const now = clock.now();
      if (!found || found.visible_at <= now) return false;
      store.run('UPDATE messages SET visible_at = ? WHERE receipt = ?', now + seconds * 1000, receipt);
      if (seconds === 0) arrivals.announce(queue);
      return true;
    },
  };
}
