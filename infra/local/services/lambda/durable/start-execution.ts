/** Starts a durable execution, once for each name. */
import { randomUUID } from 'node:crypto';
import { AwsError } from '../../../contract.ts';
import type { Resolved } from '../functions/function-registry.ts';
import type { ExecutionStore } from './execution-store.ts';
import type { Execution } from './executions.ts';
import { invalid, SYNCHRONOUS_LIMIT_MS } from './limits.ts';

const NAME = /^[\w-]{1,64}$/;

export interface StartRequest {
  /** JSON text. */
  readonly input: string;
  readonly name?: string | undefined;
  /** The caller waits for the end. */
  readonly synchronous: boolean;
}

/**
 * A name that was used with the same input answers that execution, ended or not. AWS forgets a name with the execution, once its
 * retention is over.
 */
export function startExecution(
  { clock, executions, atomically }: ExecutionStore,
  { definition, qualifier, version }: Resolved,
  { input, name = randomUUID(), synchronous }: StartRequest,
): Execution {
  const { durable } = definition;
  if (!durable) throw invalid('DurableExecutionName is only for functions with a durable configuration');
  if (qualifier === undefined) {
    throw invalid('You cannot invoke a durable function using an unqualified ARN: name a version, an alias or $LATEST');
  }
  if (!NAME.test(name)) throw invalid(`'${name}' is no name of a durable execution: 1 to 64 letters, digits, - and _`);
  if (synchronous && durable.timeoutMs > SYNCHRONOUS_LIMIT_MS) {
    throw invalid(
      'You cannot synchronously invoke a durable function with an executionTimeout greater than 15 minutes.',
    );
  }
  return atomically(() => {
    const [known] = executions.select('function = ? AND name = ?', definition.arn, name);
    if (known?.input === input) return known;
    if (known) {
      const message = `The durable execution ${name} has already been started with another payload`;
      throw new AwsError('DurableExecutionAlreadyStartedException', message, 409, { Type: 'User' });
    }
    const arn = `${definition.arn}:${version}/durable-execution/${name}/${randomUUID()}`;
    executions.add({ ...durable, arn, name, function: definition.arn, version, input, now: clock.now() });
    const started = executions.find(arn);
    if (!started) throw new Error(`${arn} was not kept`);
    return started;
  });
}
