/** The queue of the compactor, as far as the sweeper asks for it, in memory. What it doesn't know, it refuses. */
import { createHash } from 'node:crypto';
import * as z from 'zod';
import type { Tally } from './tally.ts';

const batch = z.object({ Entries: z.array(z.object({ Id: z.string(), MessageBody: z.string() })).max(10) });

export function memoryQueue(tally: Pick<Tally, 'sqsRequests'>) {
  let waiting: string[] = [];
  return {
    act(action: string, input: unknown): object {
      tally.sqsRequests += 1;
      if (action !== 'SendMessageBatch') throw new Error(`The bench's SQS doesn't know ${action}.`);
      const { Entries } = batch.parse(input);
      waiting.push(...Entries.map(({ MessageBody }) => MessageBody));
      const Successful = Entries.map(({ Id, MessageBody }) => ({
        Id,
        MessageId: Id,
        MD5OfMessageBody: createHash('md5').update(MessageBody).digest('hex'),
      }));
      return { Successful, Failed: [] };
    },
    /** A request that receives and one that deletes for each, as Lambda takes one message at a time. */
    receive(): string[] {
      const received = waiting;
      waiting = [];
      tally.sqsRequests += 2 * received.length;
      return received;
    },
  };
}
