/** From the sweeper to the queue, and out of it. */
import { SendMessageBatchCommand, type SQSClient } from '@aws-sdk/client-sqs';
import * as z from 'zod';
import type { Due } from './due.ts';
import { DUE_KINDS } from './work-keys.ts';

/** What SQS takes in one request. */
const MOST_MESSAGES = 10;

export const dueMessage = z.object({
  kind: z.enum(DUE_KINDS),
  account: z.string(),
  product: z.string(),
  day: z.string().optional(),
});

/** Throws unless the queue has taken all of it; some may have been taken then. */
export const handOver =
  (sqs: SQSClient, queue: string) =>
  async (due: readonly Due[]): Promise<void> => {
    for (let i = 0; i < due.length; i += MOST_MESSAGES) {
      const Entries = due
        .slice(i, i + MOST_MESSAGES)
        .map((one, n) => ({ Id: String(n), MessageBody: JSON.stringify(one) }));
      const { Failed = [] } = await sqs.send(new SendMessageBatchCommand({ QueueUrl: queue, Entries }));
      if (Failed.length > 0) throw new Error(`The queue refused ${Failed.length} messages: ${Failed[0]?.Code}.`);
    }
  };
