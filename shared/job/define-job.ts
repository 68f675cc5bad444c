/** What a kind of job is: an input, a unit to count in, and straight-line code out of steps, each safe to run twice. */
import type * as z from 'zod';
import type { AccountSession } from '../platform/account-session.ts';

/** What a step answers is kept in Lambda's history of the execution: ids and counts, never a value of the customer's. */
export type StepResult =
  | string
  | number
  | boolean
  | undefined
  | readonly StepResult[]
  | { readonly [member: string]: StepResult };

/** What a step works with. */
export interface StepHands<I> {
  readonly session: AccountSession;
  readonly input: I;
  /** The job's id. */
  readonly job: string;
  /** Epoch milliseconds. */
  readonly now: number;
  /** Shown to other functions, as a handler shows its token. */
  readonly order: string;
}

export interface JobContext<I> {
  /**
   * Does bounded work (seconds), and answers the same when the job's code runs again. What goes wrong is tried again, but for a
   * `DomainError`, which ends the job as failed. A cancelled job ends before its next step.
   */
  step<T extends StepResult>(name: string, work: (hands: StepHands<I>) => Promise<T>): Promise<T>;
  /** Much shorter than an hour: a job that is silent for so long counts as lost. */
  wait(name: string, seconds: number): Promise<void>;
  /** Written with the next step. */
  progress(done: number, total: number): void;
  /** What the job has come to, kept with it once it has succeeded. */
  report(outcome: StepResult): void;
  /** All before this place is done: an execution that has grown long ends here, and the next one begins here. */
  mark(place: StepResult): Promise<void>;
}

interface Definition<I extends z.ZodType, P extends z.ZodType> {
  /** What progress counts, in the plural. */
  readonly unit: string;
  readonly input: I;
  readonly place: P;
  /** `from`: where to begin; `undefined`: at the beginning. */
  run(ctx: JobContext<z.output<I>>, from: z.output<P> | undefined): Promise<void>;
  /** Leaves nothing behind of a job that failed or was cancelled; may be done twice. */
  cleanUp?(hands: StepHands<z.output<I>>): Promise<void>;
}

/** A kind of job, as whoever runs jobs of every kind sees it. */
export interface JobKind {
  readonly unit: string;
  run(ctx: JobContext<unknown>, from: unknown): Promise<void>;
  readonly cleanUp: ((hands: StepHands<unknown>) => Promise<void>) | undefined;
}

export const defineJob = <I extends z.ZodType, P extends z.ZodType>(of: Definition<I, P>): JobKind => ({
  unit: of.unit,
  run: (ctx, from) =>
    of.run(
      {
        ...ctx,
        step: (name, work) => ctx.step(name, (hands) => work({ ...hands, input: of.input.parse(hands.input) })),
      },
      from === undefined ? undefined : of.place.parse(from),
    ),
  cleanUp: of.cleanUp && (async (hands) => of.cleanUp?.({ ...hands, input: of.input.parse(hands.input) })),
});
