/** The parameters of SQS's operations. */
import * as z from 'zod';
import { AwsError } from '../../contract.ts';
import { messageAttributesSchema } from './message-attributes.ts';
import { MAX_MESSAGE_BYTES } from './queue-attributes.ts';

const QueueUrl = z.string();
const strings = z.array(z.string()).default([]);
const seconds = (max: number) => z.int().min(0).max(max);

const sent = {
  MessageBody: z.string(),
  MessageAttributes: messageAttributesSchema.default({}),
  DelaySeconds: seconds(900).optional(),
};
const hidden = { ReceiptHandle: z.string(), VisibilityTimeout: seconds(43_200) };
const batchOf = <Shape extends z.ZodRawShape>(shape: Shape) =>
  z.object({ QueueUrl, Entries: z.array(z.object({ Id: z.string(), ...shape })) });

/** One message as `SendMessage` and its batch have it. */
export type Sent = z.infer<z.ZodObject<typeof sent>>;

export const onQueue = z.object({ QueueUrl });
export const sendMessage = z.object({ QueueUrl, ...sent });
export const sendMessageBatch = batchOf(sent);
export const deleteMessage = z.object({ QueueUrl, ReceiptHandle: z.string() });
export const deleteMessageBatch = batchOf({ ReceiptHandle: z.string() });
export const changeVisibility = z.object({ QueueUrl, ...hidden });
export const changeVisibilityBatch = batchOf({ ...hidden, VisibilityTimeout: seconds(43_200).default(30) });
export const receiveMessage = z.object({
  QueueUrl,
  MaxNumberOfMessages: z.int().min(1).max(10).default(1),
  VisibilityTimeout: seconds(43_200).optional(),
  WaitTimeSeconds: seconds(20).optional(),
  AttributeNames: strings,
  MessageSystemAttributeNames: strings,
  MessageAttributeNames: strings,
});
export const getQueueUrl = z.object({ QueueName: z.string(), QueueOwnerAWSAccountId: z.string().optional() });
export const listQueues = z.object({ QueueNamePrefix: z.string().default('') });
export const getQueueAttributes = z.object({ QueueUrl, AttributeNames: strings });
export const setQueueAttributes = z.object({ QueueUrl, Attributes: z.record(z.string(), z.string()) });
export const startMove = z.object({ SourceArn: z.string(), DestinationArn: z.string().optional() });
export const listMoves = z.object({ SourceArn: z.string(), MaxResults: z.int().min(1).max(10).default(1) });

export function parse<T>(schema: z.ZodType<T>, input: unknown): T {
  const { data, error } = schema.safeParse(input, { reportInput: true });
  if (!error) return data as T;
  const [issue] = error.issues;
  const name = issue?.path.join('.') ?? '';
  if (issue?.code === 'invalid_type' && issue.input === undefined) {
    throw new AwsError('MissingParameter', `The request must contain the parameter ${name}.`);
  }
  throw new AwsError('InvalidParameterValue', `Value for parameter ${name} is invalid.`);
}

interface Entry {
  readonly Id: string;
}

/** The limits of a batch as a whole; each entry then succeeds or fails by itself. */
export function checkBatch(entries: readonly Entry[], bytes: number): void {
  if (entries.length === 0) {
    throw new AwsError('EmptyBatchRequest', 'There should be at least one entry in the request.');
  }
  if (entries.length > 10) {
    throw new AwsError(
      'TooManyEntriesInBatchRequest',
      `Maximum number of entries per request are 10. You have sent ${entries.length}.`,
    );
  }
  if (new Set(entries.map(({ Id }) => Id)).size < entries.length) {
    throw new AwsError('BatchEntryIdsNotDistinct', 'Two or more batch entries in the request have the same Id.');
  }
  if (entries.some(({ Id }) => !/^[\w-]{1,80}$/.test(Id))) {
    throw new AwsError('InvalidBatchEntryId', 'A batch entry id can only contain alphanumeric characters, - and _.');
  }
  if (bytes > MAX_MESSAGE_BYTES) {
    throw new AwsError(
      'BatchRequestTooLong',
      `Batch requests cannot be longer than ${MAX_MESSAGE_BYTES} bytes. You have sent ${bytes} bytes.`,
    );
  }
}

export function runBatch<E extends Entry>(entries: readonly E[], run: (entry: E) => object) {
  const Successful: object[] = [];
  const Failed: object[] = [];
  for (const entry of entries) {
    try {
      Successful.push({ Id: entry.Id, ...run(entry) });
    } catch (error) {
      if (!(error instanceof AwsError)) throw error;
      Failed.push({ Id: entry.Id, SenderFault: error.status < 500, Code: error.code, Message: error.message });
    }
  }
  return { Successful, Failed };
}
