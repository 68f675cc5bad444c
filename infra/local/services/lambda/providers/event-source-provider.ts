/** `AWS::Lambda::EventSourceMapping` of a queue. */
import { createHash } from 'node:crypto';
import * as z from 'zod';
import { AwsError, type Resource, type ResourceProvider, type ServiceContext } from '../../../contract.ts';
import { authorizePolling, type MappingSettings, QueueMapping } from '../event-source/queue-mapping.ts';
import type { QueuePoller } from '../event-source/queue-poller.ts';
import type { FunctionRegistry } from '../functions/function-registry.ts';
import type { Invoker } from '../invoke/invoker.ts';

const properties = z
  .object({
    FunctionName: z.string(),
    EventSourceArn: z.string().regex(/^arn:aws:sqs:/, 'only queues are event sources on the laptop host'),
    BatchSize: z.coerce.number().int().min(1).max(10_000).default(10),
    MaximumBatchingWindowInSeconds: z.coerce.number().int().min(0).max(300).default(0),
    FunctionResponseTypes: z.array(z.literal('ReportBatchItemFailures')).default([]),
    ScalingConfig: z.object({ MaximumConcurrency: z.coerce.number().int().min(2).max(1000).optional() }).optional(),
    Enabled: z.union([z.boolean(), z.stringbool()]).default(true),
  })
  .refine(({ BatchSize, MaximumBatchingWindowInSeconds: window }) => BatchSize <= 10 || window >= 1, {
    error: 'MaximumBatchingWindowInSeconds must be at least 1 when BatchSize is greater than 10',
  });

export interface EventSourceParts {
  readonly ctx: ServiceContext;
  readonly registry: FunctionRegistry;
  readonly invoker: Invoker;
  readonly queues: QueuePoller;
  /** Takes each mapping that is enabled, by its id. */
  readonly mappings: Map<string, QueueMapping>;
}

export function eventSourceProvider({ ctx, registry, invoker, queues, mappings }: EventSourceParts): ResourceProvider {
  return {
    type: 'AWS::Lambda::EventSourceMapping',
    honoured: {
      FunctionName: 'the function, which must be allowed to read the queue',
      EventSourceArn: 'the queue',
      BatchSize: 'the most messages of a batch; 6 MB end it earlier',
      MaximumBatchingWindowInSeconds: 'how long a batch is gathered',
      FunctionResponseTypes: 'messages that the function reports come back, the others are deleted',
      'ScalingConfig.MaximumConcurrency': 'batches at once, five at most',
      Enabled: 'whether it polls at all',
    },
    ignored: { Tags: 'no tag of a mapping decides anything' },
    async create(resource) {
      const parsed = properties.safeParse(resource.properties);
      if (!parsed.success) throw new Error(`${resource.logicalId}: ${z.prettifyError(parsed.error)}`);
      const given = parsed.data;
      const { definition, arn } = registry.resolve(given.FunctionName);
      // AWS would run the whole execution in one batch, with no protection against a second delivery.
      if (definition.durable)
        throw new Error(`${resource.logicalId}: the laptop host starts no durable function from a queue`);
      const settings: MappingSettings = {
        functionArn: arn,
        functionName: definition.name,
        roleArn: definition.roleArn,
        queueArn: given.EventSourceArn,
        batchSize: given.BatchSize,
        windowMs: given.MaximumBatchingWindowInSeconds * 1000,
        partialBatches: given.FunctionResponseTypes.length > 0,
        maximumConcurrency: given.ScalingConfig?.MaximumConcurrency,
      };
      refuseWithoutPermission(ctx, settings);
      const visibilitySeconds = queues.visibilitySeconds(settings.queueArn);
      if (visibilitySeconds * 1000 < definition.timeoutMs) {
        const message = `Queue visibility timeout: ${visibilitySeconds} seconds is less than Function timeout: ${definition.timeoutMs / 1000} seconds`;
        throw new AwsError('InvalidParameterValueException', message, 400);
      }
      const id = mappingId(resource);
      await mappings.get(id)?.stop();
      if (given.Enabled) mappings.set(id, new QueueMapping(ctx, invoker, queues, settings));
      const attributes = {
        Id: id,
        EventSourceMappingArn: `arn:aws:lambda:${ctx.region}:${ctx.account}:event-source-mapping:${id}`,
      };
      return { ref: id, attributes };
    },
  };
}

/** CloudFormation fails such a mapping, too. */
function refuseWithoutPermission(ctx: ServiceContext, settings: MappingSettings): void {
  try {
    authorizePolling(ctx.authority, settings);
  } catch (cause) {
    const reason = cause instanceof Error ? cause.message : String(cause);
    const message = `The execution role of ${settings.functionName} may not poll ${settings.queueArn}: ${reason}`;
    throw new AwsError('InvalidParameterValueException', message, 400);
  }
}

/** A UUID by its form, the same at every boot. */
function mappingId({ stack, logicalId }: Resource): string {
  const hash = createHash('sha256').update(`${stack}/${logicalId}`).digest('hex');
  return hash.replace(/^(.{8})(.{4})(.{4})(.{4})(.{12}).*$/, '$1-$2-$3-$4-$5');
}
