/** ReceiveMessage: waits for messages if asked to, and answers of each what the receiver asked for. */
import type { Arrivals } from './arrivals.ts';
import { md5, md5OfAttributes } from './md5.ts';
import { type MessageAttributes, wanted } from './message-attributes.ts';
import type { Messages } from './messages.ts';
import type { Message, Queue } from './store.ts';

/** Takes messages, waiting for them up to `seconds`: real time, since it is a connection that waits. */
export async function receiveOrWait(
  { messages, arrivals }: { messages: Messages; arrivals: Arrivals },
  queue: () => Queue,
  { max, seconds, visibilitySeconds }: { max: number; seconds: number; visibilitySeconds?: number },
): Promise<Message[]> {
  // The queue is read at each look: its settings may change while a receiver waits.
  const take = () => messages.receive(queue(), max, visibilitySeconds);
  const first = take();
  if (first.length > 0 || seconds === 0) return first;
  return new Promise((resolve, reject) => {
    const finish = (settle: () => void) => {
      clearTimeout(deadline);
      arrivals.closing.removeEventListener('abort', leave);
      stop();
      settle();
    };
    const leave = () => finish(() => resolve([]));
    const deadline = setTimeout(leave, seconds * 1000);
    arrivals.closing.addEventListener('abort', leave);
    const stop = arrivals.on(queue().name, () => {
      try {
        const found = take();
        if (found.length > 0) finish(() => resolve(found));
      } catch (error) {
        finish(() => reject(error));
      }
    });
  });
}

export const storedAttributes = ({ attributes }: Message) => JSON.parse(attributes) as MessageAttributes;

export const systemAttributes = (message: Message, arnOf: (queue: string) => string) => ({
  SenderId: message.sender,
  SentTimestamp: String(message.sent_at),
  ApproximateReceiveCount: String(message.receives),
  ApproximateFirstReceiveTimestamp: String(message.first_received_at),
  ...(message.dead_from && { DeadLetterQueueSourceArn: arnOf(message.dead_from) }),
});

export interface Asked {
  readonly systemNames: readonly string[];
  readonly attributeNames: readonly string[];
}

export function answered(message: Message, { systemNames, attributeNames }: Asked, arnOf: (queue: string) => string) {
  const system = Object.entries(systemAttributes(message, arnOf));
  const Attributes = Object.fromEntries(
    system.filter(([name]) => systemNames.includes('All') || systemNames.includes(name)),
  );
  const MessageAttributes = wanted(storedAttributes(message), attributeNames);
  return {
    MessageId: message.id,
    ReceiptHandle: message.receipt,
    Body: message.body,
    MD5OfBody: md5(message.body),
    ...(Object.keys(Attributes).length > 0 && { Attributes }),
    ...(Object.keys(MessageAttributes).length > 0 && {
      MessageAttributes,
      MD5OfMessageAttributes: md5OfAttributes(MessageAttributes),
    }),
  };
}
