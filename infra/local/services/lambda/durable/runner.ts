/**
 * Invokes the functions of executions again and again until they end: at once, when a wait or a retry is over, when a callback
 * came, and after an invocation that crashed (then ever more slowly, until the execution's own timeout). By the host's clock.
 */
import { randomUUID } from 'node:crypto';
import type { Invoker } from '../invoke/invoker.ts';
import { type InvocationNews, note } from './checkpoint.ts';
import type { ExecutionStore } from './execution-store.ts';
import { asOperation, type Execution } from './executions.ts';
import { type InvocationAnswer, readAnswer } from './invocation-answer.ts';
import { inEvent, onWire } from './operation.ts';

const FIRST_RETRY_MS = 1000;
const LONGEST_RETRY_MS = 60_000;
/** A moved clock is told to the runner; this is only for a clock that somebody moved without saying so. */
const LONGEST_TIMER_MS = 60_000;

export class Runner {
  readonly #store: ExecutionStore;
  readonly #invoker: Invoker;
  readonly #log: (message: string) => void;
  readonly #running = new Map<string, InvocationNews>();
  #timer: NodeJS.Timeout | undefined;
  #started = false;

  constructor(store: ExecutionStore, invoker: Invoker, log: (message: string) => void) {
    this.#store = store;
    this.#invoker = invoker;
    this.#log = log;
  }

  start(): void {
    this.#started = true;
    this.wake();
  }

  stop(): void {
    this.#started = false;
    clearTimeout(this.#timer);
  }

  /** Does what is due, by the host's clock as it now stands. */
  wake(): void {
    if (!this.#started) return;
    const { executions, operations, clock } = this.#store;
    const now = clock.now();
    for (const { arn } of executions.select(`status = 'RUNNING' AND timeout_at <= ?`, now)) {
      executions.finish(arn, { status: 'TIMED_OUT', error: TIMED_OUT }, now);
      this.#log(`${arn} timed out`);
    }
    for (const { arn } of executions.select(`status <> 'RUNNING' AND forget_at <= ?`, now)) {
      this.#store.atomically(() => {
        operations.delete(arn);
        executions.delete(arn);
      });
    }
    for (const execution of executions.select(`status = 'RUNNING' AND resume_at <= ? ORDER BY resume_at`, now)) {
      if (!this.#running.has(execution.arn)) void this.#invoke(execution);
    }
    this.#setTimer();
  }

  /** The invocation under way, if there is one. */
  news(arn: string): InvocationNews | undefined {
    return this.#running.get(arn);
  }

  /** An operation changed from outside. */
  changed(arn: string, id: string): void {
    const news = this.#running.get(arn);
    if (news) note(news, [id]);
    else this.#store.executions.resume(arn, this.#store.clock.now());
    this.wake();
  }

  async #invoke(execution: Execution): Promise<void> {
    const { arn, version } = execution;
    const news: InvocationNews = { unheard: new Set(), any: false };
    this.#running.set(arn, news);
    const event = this.#begin(execution);
    const outcome = await this.#invoker
      .run(execution.function, { event, qualifier: version })
      .catch((refused: unknown) => ({ refused }));
    this.#running.delete(arn);
    if (!this.#started) return;
    this.#settle(execution, readAnswer(outcome), news.any);
    this.wake();
  }

  #begin(execution: Execution): string {
    const { arn } = execution;
    const { executions, operations, clock } = this.#store;
    const token = randomUUID();
    return this.#store.atomically(() => {
      const now = clock.now();
      const changed = operations.fireDue(arn, now);
      executions.open(arn, token, now);
      const page = operations.page(arn);
      return JSON.stringify({
        DurableExecutionArn: arn,
        CheckpointToken: token,
        UpdatedOperationIds: changed,
        InitialExecutionState: {
          Operations: [asOperation(execution), ...page.operations].map((operation) => onWire(operation, inEvent)),
          ...(page.nextMarker ? { NextMarker: page.nextMarker } : {}),
        },
      });
    });
  }

  #settle({ arn, failures }: Execution, answer: InvocationAnswer, changed: boolean) {
    const { executions, operations, clock } = this.#store;
    const now = clock.now();
    // Stopped meanwhile, or out of time: what its last invocation says no longer counts.
    if (executions.find(arn)?.status !== 'RUNNING') return;
    if (answer.kind === 'end') {
      executions.finish(arn, answer.outcome, now);
    } else if (answer.kind === 'crash') {
      const delay = Math.min(FIRST_RETRY_MS * 2 ** failures, LONGEST_RETRY_MS);
      this.#log(`${arn}: ${answer.why}, again in ${delay / 1000} s`);
      executions.suspend(arn, now + delay, failures + 1);
    } else {
      const resumeAt = changed ? now : operations.nextDue(arn);
      const pending = resumeAt !== undefined || operations.awaitsCallback(arn);
      if (pending) executions.suspend(arn, resumeAt, 0);
      else executions.finish(arn, { status: 'FAILED', error: NOTHING_PENDING }, now);
    }
  }

  #setTimer() {
    clearTimeout(this.#timer);
    const next = this.#store.executions.nextAt(new Set(this.#running.keys()));
    if (next === undefined) return;
    const wait = Math.min(Math.max(0, next - this.#store.clock.now()), LONGEST_TIMER_MS);
    this.#timer = setTimeout(() => this.wake(), wait).unref();
  }
}

const TIMED_OUT = { ErrorType: 'ExecutionTimeout', ErrorMessage: 'Execution timed out' };
const NOTHING_PENDING = {
  ErrorType: 'InvalidInvocationOutput',
  ErrorMessage: 'Cannot return PENDING status with no pending operations.',
};
