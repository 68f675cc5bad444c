/** Runs events on the functions' workers, with Lambda's payload limits, and notes each run in the function's log. */
import { randomUUID } from 'node:crypto';
import { AwsError, type FunctionRuntime, type InvocationResult, type ServiceContext } from '../../../contract.ts';
import type { FunctionDefinition } from '../functions/function-definition.ts';
import type { FunctionRegistry } from '../functions/function-registry.ts';
import type { LogGroups } from '../log-groups.ts';
import { ClockOffset } from '../sandbox/clock-offset.ts';
import { type Outcome, Sandbox } from '../sandbox/sandbox.ts';
import { SandboxPool } from '../sandbox/sandbox-pool.ts';
import { type SessionCredentials, workerEnv } from '../sandbox/worker-env.ts';

export const SYNC_PAYLOAD_LIMIT = 6_291_556;

export interface InvokerOptions {
  /** Relative entries start here. */
  readonly projectRoot: string;
  /** Workers of one function; further concurrent events wait. */
  readonly maxWorkers: number;
  frontDoorUrl(): string;
  /** Throws if the role doesn't trust the service. */
  issueSession(roleArn: string, service: string, sessionName: string): SessionCredentials;
  endSession?(accessKeyId: string): void;
  extraEnv(): Readonly<Record<string, string>>;
}

/** One event, as JSON text. */
export interface Invocation {
  readonly event: string;
  readonly requestId?: string;
  readonly clientContext?: string;
  readonly qualifier?: string;
}

export class Invoker implements FunctionRuntime {
  readonly #ctx: ServiceContext;
  readonly #options: InvokerOptions;
  readonly #registry: FunctionRegistry;
  readonly #logs: LogGroups;
  readonly #offset: ClockOffset;
  readonly #pools = new Map<string, SandboxPool>();

  constructor(ctx: ServiceContext, options: InvokerOptions, registry: FunctionRegistry, logs: LogGroups) {
    this.#ctx = ctx;
    this.#options = options;
    this.#registry = registry;
    this.#logs = logs;
    this.#offset = new ClockOffset(ctx.clock);
  }

  async invoke(functionArn: string, event: unknown): Promise<InvocationResult> {
    const outcome = await this.run(functionArn, { event: JSON.stringify(event) ?? 'null' });
    return 'error' in outcome ? outcome : { payload: JSON.parse(outcome.payload) };
  }

  async run(reference: string, invocation: Invocation): Promise<Outcome> {
    const { definition, arn } = this.#registry.resolve(reference, invocation.qualifier);
    refuseTooLarge(invocation.event, SYNC_PAYLOAD_LIMIT);
    this.#offset.sync();
    const requestId = invocation.requestId ?? randomUUID();
    const started = performance.now();
    const outcome = await this.#pool(definition).invoke({
      kind: 'invoke',
      requestId,
      functionArn: arn,
      event: invocation.event,
      timeoutMs: definition.timeoutMs,
      ...(invocation.clientContext === undefined ? {} : { clientContext: invocation.clientContext }),
    });
    const checked = limitResponse(outcome);
    this.#report(definition, requestId, performance.now() - started, checked);
    return checked;
  }

  #pool(definition: FunctionDefinition): SandboxPool {
    const known = this.#pools.get(definition.name);
    if (known) return known;
    const pool = new SandboxPool({
      maxWorkers: this.#options.maxWorkers,
      timeoutMs: definition.timeoutMs,
      clock: this.#ctx.clock,
      offset: this.#offset,
      start: () => this.#start(definition),
    });
    this.#pools.set(definition.name, pool);
    return pool;
  }

  #start(definition: FunctionDefinition): Sandbox {
    const { projectRoot } = this.#options;
    const credentials = this.#options.issueSession(definition.roleArn, 'lambda.amazonaws.com', definition.name);
    const stream = `[$LATEST]${randomUUID().replaceAll('-', '')}`;
    const env = workerEnv(definition, {
      place: this.#ctx,
      projectRoot,
      frontDoorUrl: this.#options.frontDoorUrl(),
      credentials,
      extraEnv: this.#options.extraEnv(),
      logStream: stream,
    });
    const directory = this.#logs.directory(definition.logGroup);
    return new Sandbox({
      definition,
      env,
      log: { directory, group: definition.logGroup, stream, json: definition.jsonLog },
      clock: this.#offset,
      expires: credentials.expires,
      onExit: () => this.#options.endSession?.(credentials.accessKeyId),
    });
  }

  #report(definition: FunctionDefinition, requestId: string, ms: number, outcome: Outcome) {
    const failure = 'error' in outcome ? `\tStatus: error\tError Type: ${outcome.error.errorType}` : '';
    this.#logs.append(
      definition.logGroup,
      `REPORT RequestId: ${requestId}\tDuration: ${ms.toFixed(2)} ms\tMemory Size: ${definition.memoryMb} MB${failure}`,
    );
    if ('error' in outcome) this.#ctx.log(`${definition.name}: ${outcome.error.errorType} (request ${requestId})`);
  }

  clockMoved(): void {
    this.#offset.sync();
    if (this.#offset.moved) for (const pool of this.#pools.values()) pool.clockMoved();
  }

  /** Ends the workers of a function; answers how many there were. */
  async killWorkers(reference: string): Promise<number> {
    return (await this.#pools.get(this.#registry.resolve(reference).definition.name)?.kill()) ?? 0;
  }

  async close(): Promise<void> {
    await Promise.all([...this.#pools.values()].map((pool) => pool.kill()));
  }
}

export function refuseTooLarge(event: string, limit: number): void {
  const size = Buffer.byteLength(event);
  if (size <= limit) return;
  const message = `${size} byte payload is too large for the RequestResponse invocation type (limit ${limit} bytes)`;
  throw new AwsError('RequestTooLargeException', message, 413, { Type: 'User' });
}

function limitResponse(outcome: Outcome): Outcome {
  if ('error' in outcome || Buffer.byteLength(outcome.payload) <= SYNC_PAYLOAD_LIMIT) return outcome;
  const errorMessage = `Response payload size exceeded maximum allowed payload size (${SYNC_PAYLOAD_LIMIT} bytes).`;
  return { error: { errorType: 'Function.ResponseSizeTooLarge', errorMessage } };
}
