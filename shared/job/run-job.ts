/**
 * Runs a job to its end, whatever its kind: waits for a slot, goes from step to step with the account's session, notices that it was
 * cancelled, and says how it ended. The code runs again from its beginning after every wait and every crash; only steps touch anything.
 */
import { DomainError } from '../api/errors.ts';
import type { OpenSession } from '../identity/account-sessions.ts';
import type { AccountSession } from '../platform/account-session.ts';
import type { Now } from '../platform/clock.ts';
import { ConditionFailed, writeTogether } from '../platform/entity.ts';
import { errorFields, log } from '../platform/log.ts';
import type { JobContext, JobKind, StepHands, StepResult } from './define-job.ts';
import type { Durable } from './durable.ts';
import { advancedJob, endedJob, type JobEnd, type JobError, type JobKindName, type Progress } from './job.ts';
import { type JobEvent, jobEvent, type StartExecution } from './job-event.ts';
import { jobs, type StoredJob } from './job-store.ts';
import { freeSlot, takeSlot } from './slot-store.ts';

/** Lambda takes 3,000 operations an execution. */
const OPERATIONS_A_PART = 2000;
/** Then the invocation ends in a short wait and another goes on: none comes near Lambda's 15 minutes. */
const STEPS_AN_INVOCATION = 20;
/** Longest pause of a job that waits for a slot. */
const LONGEST_WAIT_S = 300;
/** A job that runs or waits writes that it is alive, once so much time has passed since it last did. */
const BEAT_MS = 60_000;

export interface RunJobDeps {
  readonly kinds: Readonly<Record<JobKindName, JobKind>>;
  readonly openSession: OpenSession;
  readonly startExecution: StartExecution;
  readonly now: Now;
  /** Default: 2,000. */
  readonly operationsAPart?: number;
}

/** Why the code of a job is left before its end. */
class Leave extends Error {
  readonly because: { readonly end: JobEnd } | { readonly nextPart: StepResult } | 'not-its-turn';
  constructor(because: Leave['because']) {
    super('The job is left.');
    this.name = 'Leave';
    this.because = because;
  }
}

const BROKEN: JobError = {
  code: 'internal',
  message: 'It failed on our side, again and again. What it had done stands; it can be tried again.',
};

type Guarded<T> =
  | { readonly is: 'done'; readonly result: T }
  | { readonly is: 'failed'; readonly code: string; readonly message: string }
  | { readonly is: 'cancelled' | 'not-its-turn' };

export const runJob =
  (deps: RunJobDeps) =>
  async (input: unknown, durable: Durable): Promise<string> => {
    const event = jobEvent.parse(input);
    const run = new Run(deps, event, durable);
    const kind = deps.kinds[event.kind];
    const because = await run.work(kind);
    try {
      return await run.leave(kind, because);
    } catch (error) {
      if (error instanceof Leave) return 'not its turn';
      throw error;
    }
  };

class Run {
  readonly #deps: RunJobDeps;
  readonly #event: JobEvent;
  readonly #durable: Durable;
  #operations = 0;
  #steps = 0;
  #reached: Omit<Progress, 'unit'> | undefined;
  #report: StepResult;

  constructor(deps: RunJobDeps, event: JobEvent, durable: Durable) {
    this.#deps = deps;
    this.#event = event;
    this.#durable = durable;
  }

  #context(): JobContext<unknown> {
    return {
      step: (name, work) => this.#step(name, work),
      wait: (name, seconds) => this.#wait(name, seconds),
      progress: (done, total) => {
        this.#reached = { done, total };
      },
      report: (outcome) => {
        this.#report = outcome;
      },
      mark: async (place) => this.#endLongPart(place),
    };
  }

  /** Answers why it was left. */
  async work(kind: JobKind): Promise<Leave['because']> {
    try {
      await this.#takeSlot();
      await kind.run(this.#context(), this.#event.place);
      return { end: { status: 'succeeded' } };
    } catch (error) {
      if (error instanceof Leave) return error.because;
      log('error', 'A job failed.', { job: this.#event.job, ...errorFields(error) });
      return { end: { status: 'failed', error: BROKEN } };
    }
  }

  async #takeSlot(): Promise<void> {
    for (let pause = 2; ; pause = Math.min(pause * 2, LONGEST_WAIT_S)) {
      const took = await this.#operation('take a slot', (session) => this.#tryToTakeSlot(session));
      if (took === 'taken') return;
      if (took === 'over') throw new Leave('not-its-turn');
      this.#endLongPart(this.#event.place as StepResult);
      await this.#wait('for a slot', pause);
    }
  }

  /** What a job that ends before its end would leave behind goes first: until then nobody may try it again. */
  async #cleanUp({ cleanUp }: JobKind): Promise<void> {
    if (!cleanUp) return;
    try {
      await this.#operation('clean up', async (session) => {
        const found = await this.#find(session);
        if (found?.plain.status === 'running') await cleanUp(this.#hands(session, found));
        return undefined;
      });
    } catch (error) {
      if (error instanceof Leave) throw error;
      log('error', 'A job left something behind.', { job: this.#event.job, ...errorFields(error) });
    }
  }

  /** Says how it ended. Whoever was quicker (a second run of this step, who took the slot of what was lost) is right. */
  async #end(end: JobEnd): Promise<void> {
    await this.#operation('end', async (session) => {
      for (;;) {
        const found = await this.#find(session);
        if (found?.plain.status !== 'running') break;
        const plain = endedJob(advancedJob(found.plain, this.#progressOf(found)), end, this.#deps.now());
        const sealed = end.status === 'succeeded' ? { ...found.sealed, report: this.#report } : found.sealed;
        if (await this.#wrote(session, jobs.change(found, this.#deps.now(), sealed, plain))) break;
      }
      await freeSlot(session, this.#event.job);
      return undefined;
    });
  }

  async leave(kind: JobKind, because: Leave['because']): Promise<string> {
    if (because === 'not-its-turn') return 'not its turn';
    if ('end' in because) {
      if (because.end.status !== 'succeeded') await this.#cleanUp(kind);
      await this.#end(because.end);
      return because.end.status;
    }
    const next = { ...this.#event, part: this.#event.part + 1, place: because.nextPart };
    await this.#durable.step('next part', async () => {
      await this.#deps.startExecution(next, this.#durable.version);
      return undefined;
    });
    return 'goes on in the next part';
  }

  async #step<T extends StepResult>(name: string, work: (hands: StepHands<unknown>) => Promise<T>): Promise<T> {
    this.#steps += 1;
    if (this.#steps % STEPS_AN_INVOCATION === 0) await this.#wait('breathe', 1);
    const guarded = await this.#operation(name, (session) => this.#guarded(session, work));
    if (guarded.is === 'done') return guarded.result;
    if (guarded.is === 'failed') {
      const { code, message } = guarded;
      throw new Leave({ end: { status: 'failed', error: { code, message } } });
    }
    throw new Leave(guarded.is === 'cancelled' ? { end: { status: 'cancelled' } } : guarded.is);
  }

  async #guarded<T extends StepResult>(
    session: AccountSession,
    work: (hands: StepHands<unknown>) => Promise<T>,
  ): Promise<Guarded<T>> {
    const found = await this.#beat(session);
    if (found?.plain.status !== 'running') return { is: 'not-its-turn' };
    if (found.plain.cancelling) return { is: 'cancelled' };
    try {
      const result = await work(this.#hands(session, found));
      return { is: 'done', result };
    } catch (error) {
      if (error instanceof DomainError) return { is: 'failed', code: error.code, message: error.message };
      throw error;
    }
  }

  #hands(session: AccountSession, { sealed: { input } }: StoredJob): StepHands<unknown> {
    const { order, job } = this.#event;
    return { session, input, job, now: this.#deps.now(), order };
  }

  async #tryToTakeSlot(session: AccountSession): Promise<'taken' | 'full' | 'over'> {
    const found = await this.#find(session);
    if (found?.plain.status === 'running') return 'taken';
    if (found?.plain.status !== 'queued') return 'over';
    const now = this.#deps.now();
    if (await takeSlot(session, found, now)) return 'taken';
    // What waits says that it is alive, too; whoever was quicker has changed it.
    if (now - found.updatedAt >= BEAT_MS)
      await this.#wrote(session, jobs.change(found, now, found.sealed, found.plain));
    return 'full';
  }

  /** The job of this attempt, having said that it is alive and how far it is. */
  async #beat(session: AccountSession): Promise<StoredJob | undefined> {
    const now = this.#deps.now();
    for (;;) {
      const found = await this.#find(session);
      if (found?.plain.status !== 'running' || found.plain.cancelling) return found;
      const { done, total } = found.plain.progress;
      const reached = this.#progressOf(found);
      const fresh = now - found.updatedAt < BEAT_MS && reached.done === done && reached.total === total;
      if (fresh) return found;
      const changed = jobs.change(found, now, found.sealed, advancedJob(found.plain, reached));
      if (await this.#wrote(session, changed)) return changed;
    }
  }

  #progressOf({ plain: { progress } }: StoredJob): Progress {
    return { ...progress, ...this.#reached };
  }

  async #find(session: AccountSession): Promise<StoredJob | undefined> {
    const { kind, job, attempt } = this.#event;
    const found = await jobs.find(session, kind, job);
    return found?.plain.attempt === attempt ? found : undefined;
  }

  /** False: it was changed meanwhile. */
  async #wrote(session: AccountSession, changed: StoredJob): Promise<boolean> {
    try {
      await writeTogether(session, [await jobs.put(session, changed)]);
      return true;
    } catch (error) {
      if (error instanceof ConditionFailed) return false;
      throw error;
    }
  }

  /** One operation of the execution. Errors leave it without their messages: the history is no place for them, the log is. */
  async #operation<T extends StepResult>(name: string, work: (session: AccountSession) => Promise<T>): Promise<T> {
    const { job } = this.#event;
    this.#operations += 1;
    const outcome = await this.#durable.step(name, async () => {
      try {
        const session = await this.#openSession();
        return session ? { opened: true as const, result: await work(session) } : { opened: false as const };
      } catch (error) {
        log('warn', 'A step of a job failed and may be tried again.', { job, step: name, ...errorFields(error) });
        throw new Error(error instanceof Error ? error.name : 'Error');
      }
    });
    if (!outcome.opened) throw new Leave('not-its-turn');
    return outcome.result;
  }

  /** `undefined`: the account is suspended or gone, or the order too old. The job stays as it is, and is lost after a while. */
  async #openSession(): Promise<AccountSession | undefined> {
    const { account, order } = this.#event;
    try {
      return await this.#deps.openSession({ kind: 'order', account, order });
    } catch (error) {
      if (!(error instanceof DomainError)) throw error;
      log('info', 'A job’s work order was refused.', { job: this.#event.job });
      return undefined;
    }
  }

  async #wait(name: string, seconds: number): Promise<void> {
    this.#operations += 1;
    await this.#durable.wait(name, seconds);
  }

  #endLongPart(place: StepResult): void {
    if (this.#operations >= (this.#deps.operationsAPart ?? OPERATIONS_A_PART)) throw new Leave({ nextPart: place });
  }
}
