/**
 * What the host's own parts do on queues without an HTTP request: send, and take for an event source mapping. They have
 * asked the authority before they call.
 */
import type { QueueSender } from '../../contract.ts';
import { queueDoesNotExist } from './errors.ts';
import { md5 } from './md5.ts';
import type { MessageAttributes } from './message-attributes.ts';
import type { Sqs } from './plan.ts';
import { withDefaults } from './queue-attributes.ts';
import { queueArn, queueNameOfArn, queueNameOfUrl } from './queue-names.ts';
import { storedAttributes, systemAttributes } from './receive.ts';

export interface ReceivedMessage {
  readonly messageId: string;
  readonly receiptHandle: string;
  readonly body: string;
  readonly md5OfBody: string;
  /** SenderId, SentTimestamp, ApproximateReceiveCount, ApproximateFirstReceiveTimestamp; all strings, as in SQS. */
  readonly attributes: Readonly<Record<string, string>>;
  readonly messageAttributes: MessageAttributes;
}

export interface QueueConsumer {
  /** Up to `max` messages, hidden for the queue's own visibility timeout if no other is given. Never waits. */
  receive(queueArn: string, options: { max: number; visibilitySeconds?: number }): readonly ReceivedMessage[];
  delete(queueArn: string, receipts: readonly string[]): void;
  /** Gives messages back, visible again after `seconds` (0). What is no longer in flight is left alone. */
  release(queueArn: string, receipts: readonly string[], seconds?: number): void;
  /**
   * Calls `listener` when messages arrive, and every moment while some are visible (a timeout that ended, a clock that was
   * moved): receive must be harmless to repeat. Answers how to stop it.
   */
  onMessage(queueArn: string, listener: () => void): () => void;
  /** The queue's own visibility timeout; AWS refuses a mapping whose function may run longer. */
  visibilitySeconds(queueArn: string): number;
}

export function createConsumer(sqs: Sqs): QueueConsumer {
  const named = (arn: string) => {
    const name = queueNameOfArn(sqs.place, arn);
    const queue = name ? sqs.store.queue(name) : undefined;
    if (!queue) throw queueDoesNotExist();
    return queue;
  };
  return {
    receive: (arn, { max, visibilitySeconds }) =>
      sqs.messages.receive(named(arn), max, visibilitySeconds).map((message) => ({
        messageId: message.id,
        receiptHandle: message.receipt ?? '',
        body: message.body,
        md5OfBody: md5(message.body),
        attributes: systemAttributes(message, (name) => queueArn(sqs.place, name)),
        messageAttributes: storedAttributes(message),
      })),
    delete(arn, receipts) {
      const { name } = named(arn);
      sqs.store.transaction(() => {
        for (const receipt of receipts) sqs.messages.remove(name, receipt);
      });
    },
    release(arn, receipts, seconds = 0) {
      const { name } = named(arn);
      sqs.store.transaction(() => {
        for (const receipt of receipts) sqs.messages.hide(name, receipt, seconds);
      });
    },
    onMessage: (arn, listener) => sqs.arrivals.on(named(arn).name, listener),
    visibilitySeconds: (arn) => Number(withDefaults(named(arn).attributes).VisibilityTimeout),
  };
}

export function createSender(sqs: Sqs): QueueSender {
  return {
    async send(queueUrl, body) {
      const name = queueNameOfUrl(sqs.place, queueUrl);
      const queue = name ? sqs.store.queue(name) : undefined;
      if (!queue) throw queueDoesNotExist();
      sqs.messages.send(queue, { body, attributes: {}, sender: sqs.place.account });
    },
  };
}
