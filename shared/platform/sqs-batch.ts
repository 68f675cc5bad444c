/** A batch from SQS, and the partial answer: only what failed comes again. */
import * as z from 'zod';

const sqsEvent = z.object({
  Records: z.array(
    z.object({
      messageId: z.string(),
      body: z.string(),
      attributes: z.object({ SentTimestamp: z.coerce.number().int() }),
    }),
  ),
});

/** A message as the queue delivers it, perhaps not for the first time. */
export interface Delivery {
  readonly messageId: string;
  readonly body: string;
  /** Epoch milliseconds: when the queue took it, at whichever delivery. */
  readonly sentAt: number;
}

export interface BatchAnswer {
  readonly batchItemFailures: { readonly itemIdentifier: string }[];
}

export const sqsFunction =
  (handle: (deliveries: readonly Delivery[]) => Promise<{ failed: string[] }>) =>
  async (event: unknown): Promise<BatchAnswer> => {
    const deliveries = sqsEvent
      .parse(event)
      .Records.map(({ messageId, body, attributes }) => ({ messageId, body, sentAt: attributes.SentTimestamp }));
    const { failed } = await handle(deliveries);
    return { batchItemFailures: failed.map((itemIdentifier) => ({ itemIdentifier })) };
  };
