/**
 * Lambda on a laptop: the template's functions run as worker threads of the host, straight from their TypeScript source. This room
 * owns the workers, the closed environment they live in, the Invoke API, asynchronous events, event source mappings of queues,
 * durable executions (a room of their own, durable/), and log groups (the HTTP API writes its access log through them). It touches a queue only through `QueuePoller`, and decides no
 * permission itself: the `Authority` does, by the template.
 *
 * Unlike AWS: a worker keeps running between two events instead of freezing; memory limits its JavaScript heap only; a fifth
 * concurrent event of one function waits for a worker.
 */
import { join } from 'node:path';
import type { AwsService, FunctionRuntime, QueueSender, ResourceProvider, ServiceContext } from '../../contract.ts';
import { bury } from './dead-letters.ts';
import { createDurableFunctions } from './durable/durable.ts';
import type { QueueMapping } from './event-source/queue-mapping.ts';
import type { QueuePoller } from './event-source/queue-poller.ts';
import { FunctionPermissions } from './functions/function-permissions.ts';
import { FunctionRegistry } from './functions/function-registry.ts';
import { acceptEvent } from './invoke/accept-event.ts';
import { AsyncQueue, type AsyncSettings } from './invoke/async-queue.ts';
import { Invoker } from './invoke/invoker.ts';
import { lambdaErrorResponse, lambdaOperation } from './invoke/lambda-api.ts';
import { LogGroups } from './log-groups.ts';
import { eventInvokeProvider } from './providers/event-invoke-provider.ts';
import { eventSourceProvider } from './providers/event-source-provider.ts';
import { aliasProvider, functionProvider, versionProvider } from './providers/function-provider.ts';
import { logGroupProvider } from './providers/log-group-provider.ts';
import { permissionProvider } from './providers/permission-provider.ts';
import type { SessionCredentials } from './sandbox/worker-env.ts';

const DEFAULT_ASYNC: AsyncSettings = { maximumRetryAttempts: 2, maximumEventAgeMs: 21_600_000 };
const RETRY_DELAYS_MS = [60_000, 120_000];
const MAX_WORKERS = 4;

export interface LambdaOptions {
  /** Entries of functions are relative to it. */
  readonly projectRoot: string;
  /** The one AWS endpoint of the functions. Asked when a worker starts. */
  frontDoorUrl(): string;
  /** A session of a role, if the role trusts the service; a worker is replaced before its session ends. */
  issueSession(roleArn: string, service: string, sessionName: string): SessionCredentials;
  /** Told when the worker that had a session is gone. */
  endSession?(accessKeyId: string): void;
  /** Variables of every function besides Lambda's own and the template's. */
  extraEnv(): Readonly<Record<string, string>>;
  readonly queues: QueuePoller;
  /** Where dead letters go. */
  readonly sender: QueueSender;
  /** Workers of one function. Default: 4. */
  readonly maxWorkers?: number;
  /** Before the second and third attempt of an asynchronous event. Default: one and two minutes. */
  readonly retryDelaysMs?: readonly number[];
}

export interface Lambda {
  readonly service: AwsService;
  readonly runtime: FunctionRuntime;
  readonly providers: readonly ResourceProvider[];
  readonly logs: LogGroups;
  /** Takes an event (JSON text), as Invoke does with InvocationType Event: it is kept when this returns. Asks nobody for permission. */
  send(functionArn: string, event: string): void;
  /** Begins to poll queues, to run asynchronous events and to go on with durable executions: call it once everything of the template exists. */
  start(): void;
  /** Call it after the host's clock was moved. */
  clockMoved(): void;
  /** Ends all workers of a function in the middle of their work; answers how many. */
  killWorker(functionName: string): Promise<number>;
  close(): Promise<void>;
}

export function createLambda(ctx: ServiceContext, options: LambdaOptions): Lambda {
  // A time zone belongs to a process, workers included, and Lambda's is UTC.
  process.env.TZ = 'UTC';
  const registry = new FunctionRegistry();
  const permissions = new FunctionPermissions();
  const logs = new LogGroups(join(ctx.dir, 'logs'), ctx.clock);
  const invoker = new Invoker(ctx, { maxWorkers: MAX_WORKERS, ...options }, registry, logs);
  const asyncSettings = new Map<string, AsyncSettings>();
  const givenUp = (functionArn: string, event: string) =>
    void bury({ ...ctx, queues: options.sender }, registry.resolve(functionArn).definition, event);
  const asynchronous = new AsyncQueue(ctx, invoker, {
    retryDelaysMs: options.retryDelaysMs ?? RETRY_DELAYS_MS,
    settingsOf: (arn) => asyncSettings.get(arn) ?? DEFAULT_ASYNC,
    givenUp,
  });
  const durable = createDurableFunctions(ctx, { registry, invoker, givenUp });
  const mappings = new Map<string, QueueMapping>();

  let closed = false;
  const close = async () => {
    if (closed) return;
    closed = true;
    asynchronous.close();
    durable.close();
    const stopping = [...mappings.values()].map((mapping) => mapping.stop());
    await invoker.close();
    await Promise.all(stopping);
  };
  return {
    runtime: {
      async invoke(functionArn, event) {
        const target = registry.resolve(functionArn);
        if (!target.definition.durable) return invoker.invoke(functionArn, event);
        const { outcome } = await durable.run(target, JSON.stringify(event) ?? 'null');
        return 'error' in outcome ? outcome : { payload: JSON.parse(outcome.payload) };
      },
    },
    logs,
    service: {
      signingName: 'lambda',
      operation: (request) => lambdaOperation({ registry, invoker, asynchronous, durable }, request),
      errorResponse: lambdaErrorResponse,
      resourcePolicies: (resource) => permissions.on(resource),
    },
    providers: [
      functionProvider(ctx, options.projectRoot, registry),
      versionProvider(registry),
      aliasProvider(registry),
      permissionProvider(registry, permissions),
      eventSourceProvider({ ctx, registry, invoker, queues: options.queues, mappings }),
      eventInvokeProvider(registry, asyncSettings),
      logGroupProvider(ctx, logs),
    ],
    send(functionArn, event) {
      acceptEvent({ asynchronous, durable }, registry.resolve(functionArn), { event });
    },
    start() {
      asynchronous.start();
      durable.start();
      for (const mapping of mappings.values()) mapping.start();
    },
    clockMoved() {
      invoker.clockMoved();
      asynchronous.wake();
      durable.wake();
    },
    killWorker: (functionName) => invoker.killWorkers(functionName),
    close,
  };
}
