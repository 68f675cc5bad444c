/**
 * Lambda's durable functions on a laptop: straight-line code that survives waits of days and `kill -9`, by replay. This room owns
 * the executions (one SQLite file), the calls that the SDK makes from inside a function, and the invocations that bring an
 * execution on. It runs functions through the `Invoker` alone and reads the clock of the host.
 *
 * After `kill -9` only the steps in flight run twice. Unlike AWS: every version runs the source at hand, so an execution replays
 * code that was changed meanwhile; a function that is invoked from inside another (CHAINED_INVOKE) and the history API are not
 * played; pausing is not. An invocation that crashed is repeated after 1, 2, 4 … at most 60 seconds.
 */
import { AwsError, type AwsRequest, type Operation, type ServiceContext } from '../../../contract.ts';
import type { FunctionRegistry, Resolved } from '../functions/function-registry.ts';
import type { Invoker } from '../invoke/invoker.ts';
import type { Outcome } from '../sandbox/sandbox.ts';
import { durableOperation } from './durable-api.ts';
import { openExecutionStore } from './execution-store.ts';
import type { Execution } from './executions.ts';
import { Runner } from './runner.ts';
import { startExecution } from './start-execution.ts';

export interface DurableFunctions {
  operation(request: AwsRequest): Operation;
  /** Takes an event; answers the ARN of its execution. A name that was used answers what it began. */
  send(target: Resolved, event: string, name?: string): string;
  /** Runs an execution to its end. */
  run(target: Resolved, event: string, name?: string): Promise<{ executionArn: string; outcome: Outcome }>;
  start(): void;
  /** Does what is due by the host's clock. */
  wake(): void;
  close(): void;
}

interface DurableParts {
  readonly registry: FunctionRegistry;
  readonly invoker: Invoker;
  /** Takes the event of an execution that failed, was stopped or timed out. */
  givenUp(functionArn: string, event: string): void;
}

export function createDurableFunctions(
  ctx: ServiceContext,
  { registry, invoker, givenUp }: DurableParts,
): DurableFunctions {
  const store = openExecutionStore(ctx, (execution) => givenUp(execution.function, execution.input));
  const runner = new Runner(store, invoker, ctx.log);
  let closed = false;
  const open = () => {
    if (closed) throw new AwsError('ServiceException', 'The host is ending', 503);
  };
  const begin = (target: Resolved, input: string, name: string | undefined, synchronous: boolean): Execution => {
    open();
    const execution = startExecution(store, target, { input, name, synchronous });
    runner.wake();
    return execution;
  };
  return {
    operation(request) {
      open();
      const operation = durableOperation({ store, runner, registry }, request);
      return {
        ...operation,
        run(principal) {
          open();
          return operation.run(principal);
        },
      };
    },
    send: (target, event, name) => begin(target, event, name, false).arn,
    async run(target, event, name) {
      const { arn } = begin(target, event, name, true);
      return { executionArn: arn, outcome: outcomeOf(await store.executions.finished(arn)) };
    },
    start: () => runner.start(),
    wake: () => runner.wake(),
    close() {
      closed = true;
      runner.stop();
      store.close();
    },
  };
}

/** As a caller that waited for it gets it. */
function outcomeOf(execution: Execution | undefined): Outcome {
  if (execution?.status === 'SUCCEEDED') return { payload: execution.result ?? 'null' };
  const { ErrorType, ErrorMessage, StackTrace } = execution?.error ?? {};
  return {
    error: {
      errorType: ErrorType ?? execution?.status ?? 'Unknown',
      errorMessage: ErrorMessage ?? '',
      ...(StackTrace ? { trace: StackTrace } : {}),
    },
  };
}
