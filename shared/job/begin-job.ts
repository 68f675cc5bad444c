/** Begins jobs: seals the order while the caller's token is at hand, gives what is to be written, then starts the execution. */
import type { LambdaClient } from '@aws-sdk/client-lambda';
import type { AccountCaller } from '../api/caller.ts';
import { callWorkOrders, type SealWorkOrder } from '../identity/call-work-orders.ts';
import type { AccountSession } from '../platform/account-session.ts';
import type { Now } from '../platform/clock.ts';
import { ConditionFailed, writeTogether } from '../platform/entity.ts';
import type { NewId } from '../platform/ids.ts';
import { errorFields, log } from '../platform/log.ts';
import { endedJob, type JobKindName, preparedJob, queuedJob, type ShownJob, showJob } from './job.ts';
import { type StartExecution, startExecution } from './job-event.ts';
import { jobKey } from './job-keys.ts';
import { jobs, type StoredJob } from './job-store.ts';

export interface JobStarts {
  readonly now: Now;
  readonly newId: NewId;
  readonly sealWorkOrder: SealWorkOrder;
  readonly startExecution: StartExecution;
  /** ARN of the version of the jobs function that new executions run on. */
  readonly jobsFunction: string;
}

/** From the edge's dependencies and the environment of a handler that starts jobs. */
export const jobStarts = (
  edge: { readonly lambda: LambdaClient; readonly now: Now; readonly newId: NewId },
  env: { readonly BROKER_FUNCTION: string; readonly JOBS_FUNCTION: string },
): JobStarts => ({
  now: edge.now,
  newId: edge.newId,
  sealWorkOrder: callWorkOrders(edge.lambda, env.BROKER_FUNCTION),
  startExecution: startExecution(edge.lambda),
  jobsFunction: env.JOBS_FUNCTION,
});

type Caller = Pick<AccountCaller, 'account' | 'session' | 'token'>;

const NOT_STARTED = {
  status: 'failed',
  error: { code: 'not-started', message: 'It could not be started. Nothing was done; try it again.' },
} as const;

/** The order first: what has been written can then be started whatever becomes of the token. */
const sealFor = (deps: JobStarts, { account, token }: Caller) => deps.sealWorkOrder({ account, token });

async function start(deps: JobStarts, session: AccountSession, job: StoredJob, order: string): Promise<StoredJob> {
  const { kind, id, attempt } = job.plain;
  const event = { account: session.account, kind, job: id, attempt, part: 1, order };
  try {
    await deps.startExecution(event, deps.jobsFunction);
    return job;
  } catch (error) {
    log('error', 'A job was not started.', { job: id, ...errorFields(error) });
    const failed = jobs.change(job, deps.now(), job.sealed, endedJob(job.plain, NOT_STARTED, deps.now()));
    try {
      await writeTogether(session, [await jobs.put(session, failed)]);
      return failed;
    } catch (conflict) {
      if (!(conflict instanceof ConditionFailed)) throw conflict;
      // Lambda has taken it all the same, and only its answer was lost.
      return (await jobs.find(session, kind, id)) ?? job;
    }
  }
}

/** Makes a job and begins it. `alongside` is written with it, or neither is. */
export async function beginJob(
  deps: JobStarts,
  caller: Caller,
  { kind, unit, input, ttl }: { kind: JobKindName; unit: string; input: unknown; ttl?: number },
  alongside: Parameters<typeof writeTogether>[1] = [],
): Promise<ShownJob> {
  const { session } = caller;
  const id = deps.newId(kind);
  const order = await sealFor(deps, caller);
  const job = jobs.make(jobKey(session.account, kind, id), deps.now(), queuedJob(id, kind, unit, ttl), { input });
  await writeTogether(session, [...alongside, await jobs.put(session, job)]);
  const begun = await start(deps, session, job, order);
  return showJob(begun.plain, begun.createdAt);
}

/** Makes a job that waits for something of its caller's before it is started. */
export async function prepareJob(
  deps: JobStarts,
  { session }: Pick<Caller, 'session'>,
  { id, kind, unit, input, ttl }: { id: string; kind: JobKindName; unit: string; input: unknown; ttl: number },
): Promise<StoredJob> {
  const job = jobs.make(jobKey(session.account, kind, id), deps.now(), preparedJob(id, kind, unit, ttl), { input });
  await writeTogether(session, [await jobs.put(session, job)]);
  return job;
}

/** Begins a job's next attempt, which is queued and not yet written. */
export async function beginAgain(deps: JobStarts, caller: Caller, queued: StoredJob): Promise<StoredJob> {
  const order = await sealFor(deps, caller);
  await writeTogether(caller.session, [await jobs.put(caller.session, queued)]);
  return start(deps, caller.session, queued, order);
}
