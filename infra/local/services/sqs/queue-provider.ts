/** `AWS::SQS::Queue` (standard queues) and `AWS::SQS::QueuePolicy`. */
import { createHash } from 'node:crypto';
import * as z from 'zod';
import type { Resource, ResourceProvider } from '../../contract.ts';
import type { Sqs } from './plan.ts';
import { changed, redrivePolicyOf } from './queue-attributes.ts';
import { queueArn, queueNameOfArn, queueNameOfUrl, queueUrl } from './queue-names.ts';

const number = z.union([z.number(), z.string()]);
const queueSchema = z.strictObject({
  DelaySeconds: number.optional(),
  MaximumMessageSize: number.optional(),
  MessageRetentionPeriod: number.optional(),
  ReceiveMessageWaitTimeSeconds: number.optional(),
  VisibilityTimeout: number.optional(),
  SqsManagedSseEnabled: z.union([z.boolean(), z.string()]).optional(),
  RedrivePolicy: z.object({ deadLetterTargetArn: z.string(), maxReceiveCount: number }).optional(),
});
const policySchema = z.object({
  PolicyDocument: z.object({ Statement: z.union([z.array(z.looseObject({})), z.looseObject({})]) }).loose(),
  Queues: z.array(z.string()).min(1),
});

const MAX_NAME = 80;

/** Stays the same at each boot; a name too long for SQS ends in a hash of the whole. */
function physicalName({ stack, logicalId }: Resource): string {
  const name = `${stack}-${logicalId}`;
  if (name.length <= MAX_NAME) return name;
  const hash = createHash('sha256').update(name).digest('hex').slice(0, 8);
  return `${name.slice(0, MAX_NAME - hash.length - 1)}-${hash}`;
}

export function queueProvider(sqs: Sqs): ResourceProvider {
  return {
    type: 'AWS::SQS::Queue',
    honoured: {
      DelaySeconds: 'As on AWS, by the host’s clock.',
      MaximumMessageSize: 'As on AWS.',
      MessageRetentionPeriod: 'As on AWS, by the host’s clock.',
      ReceiveMessageWaitTimeSeconds: 'As on AWS, in real time.',
      VisibilityTimeout: 'As on AWS, by the host’s clock.',
      RedrivePolicy: 'A message received too often moves to the dead-letter queue.',
      SqsManagedSseEnabled: 'Kept and reported; the file itself is not encrypted.',
    },
    ignored: { Tags: 'Labels for bills and searches.' },
    async create(resource) {
      const { Tags, ...properties } = resource.properties;
      const { data, error } = queueSchema.safeParse(properties);
      if (!data) throw new Error(`${resource.logicalId}: ${z.prettifyError(error)}`);
      const attributes = changed(
        {},
        Object.fromEntries(
          Object.entries(data).map(([key, value]) => [
            key,
            typeof value === 'object' ? JSON.stringify(value) : String(value),
          ]),
        ),
      );
      const target = redrivePolicyOf(attributes)?.deadLetterTargetArn;
      const deadLetters = target && queueNameOfArn(sqs.place, target);
      if (target && !(deadLetters && sqs.store.queue(deadLetters))) {
        throw new Error(`${resource.logicalId}: its dead-letter queue ${target} does not exist`);
      }
      const name = physicalName(resource);
      sqs.store.keepQueue(name, attributes, sqs.clock.now());
      const url = queueUrl(sqs.place, sqs.endpoint(), name);
      return { ref: url, attributes: { Arn: queueArn(sqs.place, name), QueueName: name, QueueUrl: url } };
    },
  };
}

export function queuePolicyProvider(sqs: Sqs): ResourceProvider {
  return {
    type: 'AWS::SQS::QueuePolicy',
    honoured: { PolicyDocument: 'Judged with the caller’s own policies.', Queues: 'The queues that it applies to.' },
    ignored: {},
    async create({ stack, logicalId, properties }) {
      const { data, error } = policySchema.safeParse(properties);
      if (!data) throw new Error(`${logicalId}: ${z.prettifyError(error)}`);
      for (const url of data.Queues) {
        const name = queueNameOfUrl(sqs.place, url);
        const queue = name ? sqs.store.queue(name) : undefined;
        if (!queue) throw new Error(`${logicalId}: there is no queue ${url}`);
        const policy = { Policy: JSON.stringify(data.PolicyDocument) };
        sqs.store.keepQueue(queue.name, changed(queue.attributes, policy), sqs.clock.now());
      }
      return { ref: `${stack}-${logicalId}`, attributes: {} };
    },
  };
}
