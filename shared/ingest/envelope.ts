/**
 * What the topic rule puts on the queue, and whom its topic names. Who sent a message comes from the topic, which the policy
 * forces, and from the certificate, which AWS IoT tells; never from the payload.
 */
import * as z from 'zod';
import { streamField } from '../bucket/bucket.ts';
import { idSchema } from '../platform/ids.ts';

export const envelope = z.object({
  /** base64 of what the device sent. */
  payload: z.string(),
  topic: z.string(),
  /** Epoch milliseconds of arrival at AWS IoT. */
  receivedAt: z.number(),
  /** The same for each delivery of one message. */
  messageId: z.string(),
  /** Id of the certificate that the connection was made with. A publisher without one is nobody's device. */
  principal: z.string().default(''),
});
export type Envelope = z.output<typeof envelope>;

export interface Address {
  readonly account: string;
  readonly product: string;
  readonly device: string;
  readonly stream: string;
}

const accountId = idSchema('account');
const address = z.object({
  account: accountId,
  product: idSchema('product'),
  device: idSchema('device'),
  stream: streamField,
});

/** A topic as it was read: `account` also where the topic is wrong in what follows, for the list of rejected messages. */
interface ReadTopic {
  readonly account?: string | undefined;
  readonly address?: Address | undefined;
}

/** Topics that are remembered: a device sends to the same ones again and again. About 30 MB. */
const MOST_TOPICS = 50_000;
const topics = new Map<string, ReadTopic>();

function readTopic(topic: string): ReadTopic {
  const known = topics.get(topic);
  if (known) return known;
  const [dt, account, product, device, stream, ...rest] = topic.split('/');
  const whole = dt === 'dt' && rest.length === 0;
  const read = {
    account: accountId.safeParse(account).data,
    address: whole ? address.safeParse({ account, product, device, stream }).data : undefined,
  };
  // Those that were read first go first.
  if (topics.size >= MOST_TOPICS) topics.delete(topics.keys().next().value ?? '');
  topics.set(topic, read);
  return read;
}

/** `dt/{account}/{product}/{device}/{stream}`, or `undefined` for any other topic. */
export const parseTopic = (topic: string): Address | undefined => readTopic(topic).address;

/** Whose message it is, for a topic that is wrong in what follows. */
export const accountOfTopic = (topic: string): string | undefined => readTopic(topic).account;
