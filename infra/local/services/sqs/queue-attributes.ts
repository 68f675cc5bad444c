/** What a queue is set to: names, limits and defaults as SQS has them. All values are strings, as in its API. */
import * as z from 'zod';
import { AwsError } from '../../contract.ts';

export type QueueAttributes = Readonly<Record<string, string>>;

/** AWS's limit since August 2025, of a message and of a batch. */
export const MAX_MESSAGE_BYTES = 1_048_576;

const whole = (min: number, max: number) =>
  z.string().refine((text) => /^\d+$/.test(text) && +text >= min && +text <= max);

const json = z.string().refine((text) => {
  try {
    return typeof JSON.parse(text) === 'object';
  } catch {
    return false;
  }
});

const redrivePolicySchema = z.object({
  deadLetterTargetArn: z.string(),
  maxReceiveCount: z.coerce.number().int().min(1).max(1000),
});
export type RedrivePolicy = z.infer<typeof redrivePolicySchema>;

const settable: Readonly<Record<string, z.ZodType<string>>> = {
  VisibilityTimeout: whole(0, 43_200),
  DelaySeconds: whole(0, 900),
  MaximumMessageSize: whole(1024, MAX_MESSAGE_BYTES),
  MessageRetentionPeriod: whole(60, 1_209_600),
  ReceiveMessageWaitTimeSeconds: whole(0, 20),
  SqsManagedSseEnabled: z.enum(['true', 'false']),
  Policy: json,
  RedrivePolicy: z.string().refine((text) => {
    try {
      return redrivePolicySchema.safeParse(JSON.parse(text)).success;
    } catch {
      return false;
    }
  }),
};

const DEFAULTS = {
  VisibilityTimeout: '30',
  DelaySeconds: '0',
  MaximumMessageSize: String(MAX_MESSAGE_BYTES),
  MessageRetentionPeriod: '345600',
  ReceiveMessageWaitTimeSeconds: '0',
  SqsManagedSseEnabled: 'true',
};

export const withDefaults = (attributes: QueueAttributes): QueueAttributes & typeof DEFAULTS => ({
  ...DEFAULTS,
  ...attributes,
});

export const redrivePolicyOf = ({ RedrivePolicy }: QueueAttributes): RedrivePolicy | undefined =>
  RedrivePolicy ? redrivePolicySchema.parse(JSON.parse(RedrivePolicy)) : undefined;

/** The attributes after a change; an empty policy takes the policy away. Throws for names and values that SQS refuses. */
export function changed(before: QueueAttributes, changes: QueueAttributes): QueueAttributes {
  const after: Record<string, string> = { ...before };
  for (const [name, value] of Object.entries(changes)) {
    const schema = settable[name];
    if (!schema) throw new AwsError('InvalidAttributeName', `Unknown Attribute ${name}.`);
    if (value === '' && name.endsWith('Policy')) delete after[name];
    else if (schema.safeParse(value).success) after[name] = value;
    else throw new AwsError('InvalidAttributeValue', `Invalid value for the parameter ${name}.`);
  }
  return after;
}
