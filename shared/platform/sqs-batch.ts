/** A batch from SQS, and the partial answer: only what failed comes again. */
import * as z from 'zod';

const sqsEvent = z.object({ Records: z.array(z.object({ messageId: z.string(), body: z.string() })) });

export interface BatchAnswer {
  readonly batchItemFailures: { readonly itemIdentifier: string }[];
}

export const sqsFunction =
  (handle: (records: readonly { messageId: string; body: string }[]) => Promise<{ failed: string[] }>) =>
  async (event: unknown): Promise<BatchAnswer> => {
    const { failed } = await handle(sqsEvent.parse(event).Records);
    return { batchItemFailures: failed.map((itemIdentifier) => ({ itemIdentifier })) };
  };
