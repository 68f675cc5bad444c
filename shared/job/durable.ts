/** The durable execution as jobs use it, over Lambda's own: what was done is not done again when the code runs again. */
import type { DurableContext } from '@aws/durable-execution-sdk-js';
import type { StepResult } from './define-job.ts';

export interface Durable {
  /** The ARN of the function's version that runs. */
  readonly version: string;
  step<T extends StepResult>(name: string, run: () => Promise<T>): Promise<T>;
  wait(name: string, seconds: number): Promise<void>;
}

/** A step is tried for some ten minutes: longer than AWS's usual troubles. */
const MOST_TRIES = 14;
const LONGEST_PAUSE_S = 60;

const retryStrategy = (_: Error, tries: number) => ({
  shouldRetry: tries < MOST_TRIES,
  delay: { seconds: Math.min(2 ** (tries - 1), LONGEST_PAUSE_S) },
});

export const durable = (context: DurableContext): Durable => ({
  version: context.executionContext.durableExecutionArn.split('/')[0] ?? '',
  step: (name, run) => context.step(name, run, { retryStrategy }),
  wait: (name, seconds) => context.wait(name, { seconds }),
});
