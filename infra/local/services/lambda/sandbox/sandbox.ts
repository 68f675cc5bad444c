/** One worker: started, given one event at a time, and ended by a timeout, a crash or the host. */
import { Worker } from 'node:worker_threads';
import type { FunctionDefinition } from '../functions/function-definition.ts';
import type { ClockOffset } from './clock-offset.ts';
import { v8LimitMb, watchMemory } from './memory-watch.ts';
import type { FromSandbox, FunctionError, InvokeMessage, SandboxData, ToSandbox } from './messages.ts';

/** AWS allows 10 s; a laptop under load compiles TypeScript meanwhile. */
const INIT_LIMIT_MS = 60_000;

export type Outcome = { readonly payload: string } | { readonly error: FunctionError };

export interface SandboxOptions {
  readonly definition: FunctionDefinition;
  readonly env: Readonly<Record<string, string>>;
  readonly log: SandboxData['log'];
  readonly clock: ClockOffset;
  /** Epoch milliseconds on the host's clock: when its credentials end, if they do. */
  readonly expires: number | undefined;
  /** Called once the worker is gone. */
  onExit(): void;
}

export class Sandbox {
  readonly expires: number | undefined;
  /** Whether its `Date` was the host's from the first line of code on. */
  readonly bornMoved: boolean;
  readonly #worker: Worker;
  readonly #heapMb: number;
  #state: 'starting' | 'ready' | { readonly ended: FunctionError } = 'starting';
  /** Told once: that it is ready (undefined), the answer of the invocation at hand, or why there is none. */
  #settle: ((outcome: Outcome | undefined) => void) | undefined;

  constructor({ definition, env, log, clock, expires, onExit }: SandboxOptions) {
    this.expires = expires;
    this.#heapMb = definition.heapMb;
    this.bornMoved = clock.moved;
    const data: SandboxData = {
      entry: definition.entry,
      exportName: definition.exportName,
      functionName: definition.name,
      functionVersion: '$LATEST',
      memoryMb: definition.memoryMb,
      log,
      clockOffset: clock.buffer,
      clockMoved: clock.moved,
      compileCache: process.env.NODE_COMPILE_CACHE,
    };
    this.#worker = new Worker(new URL('./bootstrap.ts', import.meta.url), {
      name: definition.name,
      workerData: data,
      env,
      argv: [],
      execArgv: [],
      // Written by the worker itself; what slips past it must not reach the host's output either.
      stdout: true,
      stderr: true,
      resourceLimits: { maxOldGenerationSizeMb: v8LimitMb(definition.heapMb) },
    });
    this.#worker.stdout.resume();
    this.#worker.stderr.resume();
    this.#worker.on('message', (message: FromSandbox) => this.#hear(message));
    this.#worker.on('error', (error) => this.#end(crash(error)));
    this.#worker.on('exit', (code) => {
      this.#end(exited(`exit status ${code}`));
      onExit();
    });
  }

  get alive(): boolean {
    return typeof this.#state === 'string';
  }

  /** Waits for the handler to be loaded; answers the error if that failed. */
  async ready(): Promise<FunctionError | undefined> {
    if (this.#state === 'ready') return undefined;
    const outcome = await this.#settled('init', INIT_LIMIT_MS);
    return outcome && 'error' in outcome ? outcome.error : undefined;
  }

  /** One invocation; the caller sees to it that there is no other meanwhile. */
  async invoke(message: InvokeMessage): Promise<Outcome> {
    const settled = this.#settled(message.requestId, message.timeoutMs);
    this.#tell(message);
    return (await settled) ?? { error: exited('no answer') };
  }

  /** For an invocation in flight when the clock moves. */
  clockMoved(): void {
    this.#tell({ kind: 'clock-moved' });
  }

  /** Ends the worker; an invocation in flight answers `error`. */
  async stop(error: FunctionError = exited('signal: killed')): Promise<void> {
    this.#end(error);
    await this.#worker.terminate();
  }

  #settled(requestId: string, limitMs: number): Promise<Outcome | undefined> {
    if (typeof this.#state === 'object') return Promise.resolve({ error: withRequestId(this.#state.ended, requestId) });
    return new Promise((resolve) => {
      const timer = setTimeout(() => void this.stop(timedOut(requestId, limitMs)), limitMs);
      const unwatch = watchMemory(this.#worker, this.#heapMb, () => void this.stop(OUT_OF_MEMORY));
      this.#settle = (outcome) => {
        clearTimeout(timer);
        unwatch();
        this.#settle = undefined;
        resolve(outcome && 'error' in outcome ? { error: withRequestId(outcome.error, requestId) } : outcome);
      };
    });
  }

  #tell(message: ToSandbox) {
    this.#worker.postMessage(message);
  }

  #hear(message: FromSandbox) {
    if (message.kind === 'fatal') return this.#end(message.error);
    if (message.kind === 'ready') {
      this.#state = 'ready';
      this.#settle?.(undefined);
    } else {
      this.#settle?.(message.kind === 'result' ? { payload: message.payload } : { error: message.error });
    }
  }

  /** The first reason counts: a worker that is stopped also exits. */
  #end(error: FunctionError) {
    if (typeof this.#state === 'object') return;
    this.#state = { ended: error };
    this.#settle?.({ error });
  }
}

const exited = (how: string): FunctionError => ({
  errorType: 'Runtime.ExitError',
  errorMessage: `Error: Runtime exited with error: ${how}`,
});

const OUT_OF_MEMORY: FunctionError = { ...exited('signal: killed'), errorType: 'Runtime.OutOfMemory' };

function crash(error: unknown): FunctionError {
  const code = error instanceof Error && 'code' in error ? error.code : undefined;
  if (code === 'ERR_WORKER_OUT_OF_MEMORY') return OUT_OF_MEMORY;
  if (!(error instanceof Error)) return { errorType: 'Runtime.ExitError', errorMessage: `Error: ${String(error)}` };
  return { errorType: error.name, errorMessage: error.message, trace: (error.stack ?? '').split('\n') };
}

const timedOut = (requestId: string, ms: number): FunctionError => ({
  errorType: 'Sandbox.Timedout',
  errorMessage: `RequestId: ${requestId} Error: Task timed out after ${(ms / 1000).toFixed(2)} seconds`,
});

function withRequestId(error: FunctionError, requestId: string): FunctionError {
  if (!error.errorMessage.startsWith('Error: Runtime exited')) return error;
  return { ...error, errorMessage: `RequestId: ${requestId} ${error.errorMessage}` };
}
