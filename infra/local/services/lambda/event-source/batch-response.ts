/**
 * Which messages of a batch count as done, by the function's answer. As on AWS, an answer that can't be understood fails the
 * whole batch, and so does one that names a message which wasn't in it.
 */
import * as z from 'zod';

const answerSchema = z
  .object({
    batchItemFailures: z.array(z.object({ itemIdentifier: z.string().min(1) })).nullish(),
  })
  .nullish();

/** The ids of the messages to delete. */
export function succeeded(messageIds: readonly string[], answer: unknown): readonly string[] {
  const parsed = answerSchema.safeParse(answer);
  if (!parsed.success) return [];
  const failed = new Set(parsed.data?.batchItemFailures?.map(({ itemIdentifier }) => itemIdentifier));
  if ([...failed].some((id) => !messageIds.includes(id))) return [];
  return messageIds.filter((id) => !failed.has(id));
}
