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

/** `dt/{account}/{product}/{device}/{stream}`, or `undefined` for any other topic. */
export function parseTopic(topic: string): Address | undefined {
  const [dt, account, product, device, stream, ...rest] = topic.split('/');
  if (dt !== 'dt' || rest.length > 0) return undefined;
  return address.safeParse({ account, product, device, stream }).data;
}

/** Whose message it is, for a topic that is wrong in what follows. */
export const accountOfTopic = (topic: string): string | undefined => {
  const account = topic.split('/')[1];
  return accountId.safeParse(account).data;
};
