/** A function as the template describes it, and the names under which it is called. */
import { createHash } from 'node:crypto';
import { resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import * as z from 'zod';
import { AwsError, type Place, type Resource } from '../../../contract.ts';

/** Where the template names the TypeScript source of a function, relative to the project. */
const ENTRY_METADATA = 'custodia:entry';
const RUNTIME = 'nodejs24.x';
/** Uncollected garbage counts as heap; a small function must not end for that. */
const LEAST_HEAP_MB = 256;

export interface FunctionDefinition {
  readonly name: string;
  readonly arn: string;
  readonly roleArn: string;
  /** File URL. */
  readonly entry: string;
  readonly exportName: string;
  readonly environment: Readonly<Record<string, string>>;
  readonly timeoutMs: number;
  readonly memoryMb: number;
  readonly heapMb: number;
  readonly logGroup: string;
  readonly jsonLog: boolean;
  /** The queue of what failed for good. */
  readonly deadLetterArn?: string;
  /** Of a durable function. */
  readonly durable?: { readonly timeoutMs: number; readonly retentionMs: number };
}

/** AWS refuses a function that sets one of these itself. */
const RESERVED_VARIABLE =
  /^(_HANDLER|_X_AMZN_TRACE_ID|LAMBDA_(TASK_ROOT|RUNTIME_DIR)|AWS_(REGION|DEFAULT_REGION|EXECUTION_ENV|ACCESS_KEY(_ID)?|SECRET_ACCESS_KEY|SESSION_TOKEN|LAMBDA_.*))$/;

/** Numbers may come as strings from a template. */
const properties = z.object({
  FunctionName: z.string().optional(),
  Role: z.string(),
  Handler: z.string(),
  Runtime: z.literal(RUNTIME, `only ${RUNTIME} runs on the laptop host`),
  Timeout: z.coerce.number().int().min(1).max(900).default(3),
  MemorySize: z.coerce.number().int().min(128).max(10_240).default(128),
  Environment: z.object({ Variables: z.record(z.string(), z.coerce.string()).default({}) }).default({ Variables: {} }),
  LoggingConfig: z
    .object({ LogGroup: z.string().optional(), LogFormat: z.enum(['Text', 'JSON']).optional() })
    .optional(),
  DeadLetterConfig: z.object({ TargetArn: z.string().startsWith('arn:aws:sqs:', 'only a queue is played') }).optional(),
  DurableConfig: z
    .object({
      ExecutionTimeout: z.coerce.number().int().min(1).max(31_622_400),
      RetentionPeriodInDays: z.coerce.number().int().min(1).max(90).default(14),
    })
    .optional(),
});

/** A physical name as CloudFormation would make it, but the same at every boot. */
export function physicalName({ stack, logicalId }: Resource, limit: number): string {
  const name = `${stack}-${logicalId}`;
  if (name.length <= limit) return name;
  return `${name.slice(0, limit - 9)}-${createHash('sha256').update(name).digest('hex').slice(0, 8)}`;
}

export function defineFunction(
  resource: Resource,
  { account, region }: Place,
  projectRoot: string,
): FunctionDefinition {
  const parsed = properties.safeParse(resource.properties);
  if (!parsed.success) throw new Error(`${resource.logicalId}: ${z.prettifyError(parsed.error)}`);
  const { Handler, Environment, LoggingConfig, DurableConfig, DeadLetterConfig, ...rest } = parsed.data;
  const reserved = Object.keys(Environment.Variables).find((variable) => RESERVED_VARIABLE.test(variable));
  if (reserved) throw new Error(`${resource.logicalId} sets ${reserved}, a variable that Lambda reserves`);
  const entry = resource.metadata[ENTRY_METADATA];
  if (typeof entry !== 'string') throw new Error(`${resource.logicalId} has no metadata ${ENTRY_METADATA}`);
  const name = rest.FunctionName ?? physicalName(resource, 64);
  return {
    name,
    arn: `arn:aws:lambda:${region}:${account}:function:${name}`,
    roleArn: rest.Role,
    entry: pathToFileURL(resolve(projectRoot, entry)).href,
    exportName: Handler.slice(Handler.lastIndexOf('.') + 1),
    environment: Environment.Variables,
    timeoutMs: rest.Timeout * 1000,
    memoryMb: rest.MemorySize,
    heapMb: Math.max(LEAST_HEAP_MB, rest.MemorySize),
    logGroup: LoggingConfig?.LogGroup ?? `/aws/lambda/${name}`,
    jsonLog: LoggingConfig?.LogFormat === 'JSON',
    ...(DeadLetterConfig ? { deadLetterArn: DeadLetterConfig.TargetArn } : {}),
    ...(DurableConfig && {
      durable: {
        timeoutMs: DurableConfig.ExecutionTimeout * 1000,
        retentionMs: DurableConfig.RetentionPeriodInDays * 86_400_000,
      },
    }),
  };
}

export interface FunctionReference {
  readonly name: string;
  readonly qualifier?: string;
}

/** Reads `name`, `name:qualifier`, `account:function:name`, and the ARN with or without qualifier. */
export function parseFunctionReference(reference: string): FunctionReference {
  const match = /^(?:(?:arn:aws:lambda:[a-z0-9-]+:)?\d{12}:function:)?([A-Za-z0-9_-]+)(?::([A-Za-z0-9$_-]+))?$/.exec(
    reference,
  );
  const [, name, qualifier] = match ?? [];
  if (!name) throw new AwsError('ValidationException', `'${reference}' is no function name`, 400);
  return { name, ...(qualifier ? { qualifier } : {}) };
}
