/**
 * A job: long work that a request began and nobody waits for. Its life as a discriminated union, and what may follow what; pure.
 *
 * queued → running → succeeded | failed | cancelled; a failed or cancelled one may be tried again, as a new attempt. One that still
 * needs something of its caller's is prepared before it is queued. One that was not
 * heard of for an hour has been lost: whoever looks at it sees a failed one.
 */
import * as z from 'zod';
import { DomainError } from '../api/errors.ts';
import { timeField } from '../api/fields.ts';
import { isoTime } from '../platform/clock.ts';
import { type IdKind, idSchema } from '../platform/ids.ts';

/** Every kind of job; each is the kind of its ids, too. */
export const JOB_KINDS = ['deletion', 'export', 'import'] as const satisfies readonly IdKind[];
export type JobKindName = (typeof JOB_KINDS)[number];

/** A job that waits or runs says at least every few minutes that it is alive: one that was silent for so long has been lost. */
export const LOST_AFTER_MS = 3_600_000;

const progress = z.object({ done: z.int().min(0), total: z.int().min(0), unit: z.string() });
export type Progress = z.output<typeof progress>;

/** For people and scripts; holds no value of the customer's. */
const jobError = z.object({ code: z.string(), message: z.string() });
export type JobError = z.output<typeof jobError>;

const common = {
  id: z.string(),
  kind: z.enum(JOB_KINDS),
  attempt: z.int().min(1),
  progress,
  /** Epoch seconds at which the record may go; absent: it stays. */
  ttl: z.int().optional(),
};

export const job = z.discriminatedUnion('status', [
  z.object({ ...common, status: z.literal('prepared') }),
  z.object({ ...common, status: z.literal('queued') }),
  /** `cancelling`: it ends before its next step. */
  z.object({ ...common, status: z.literal('running'), cancelling: z.literal(true).optional() }),
  z.object({ ...common, status: z.literal('succeeded'), finishedAt: z.int() }),
  z.object({ ...common, status: z.literal('failed'), finishedAt: z.int(), error: jobError }),
  z.object({ ...common, status: z.literal('cancelled'), finishedAt: z.int() }),
]);
export type Job = z.output<typeof job>;
export type JobEnd =
  | { readonly status: 'succeeded' | 'cancelled' }
  | { readonly status: 'failed'; readonly error: JobError };

const always = ({ id, kind, attempt, progress: reached, ttl }: Job) => ({
  id,
  kind,
  attempt,
  progress: reached,
  ...(ttl === undefined ? {} : { ttl }),
});

export const queuedJob = (id: string, kind: JobKindName, unit: string, ttl?: number): Job => ({
  ...always({ id, kind, attempt: 1, progress: { done: 0, total: 0, unit }, status: 'queued', ttl }),
  status: 'queued',
});

export const preparedJob = (id: string, kind: JobKindName, unit: string, ttl?: number): Job => ({
  ...queuedJob(id, kind, unit, ttl),
  status: 'prepared',
});

export const runningJob = (of: Job): Job => ({ ...always(of), status: 'running' });

/** The same with what it has reached since. */
export const advancedJob = (of: Job, reached: Progress): Job => ({ ...of, progress: reached });

export const endedJob = (of: Job, end: JobEnd, finishedAt: number): Job => ({ ...always(of), ...end, finishedAt });

export const isOver = ({ status }: Job): boolean =>
  status !== 'prepared' && status !== 'queued' && status !== 'running';

const LOST: JobEnd = {
  status: 'failed',
  error: {
    code: 'lost',
    message: 'Nothing was heard of it for an hour. What it had done stands; it can be tried again.',
  },
};

/** A job as it is to be seen, whatever it has last said of itself. */
export const seenJob = (of: Job, lastHeardAt: number, now: number): Job =>
  isOver(of) || of.status === 'prepared' || now - lastHeardAt <= LOST_AFTER_MS
    ? of
    : endedJob(of, LOST, lastHeardAt + LOST_AFTER_MS);

/** Not running yet: cancelled at once. Running: told so, and cancelled between two steps. Throws a conflict when it is over. */
export function cancelledJob(of: Job, now: number): Job {
  if (isOver(of)) throw new DomainError('conflict', `It is over already: ${of.status}.`);
  if (of.status !== 'running') return endedJob(of, { status: 'cancelled' }, now);
  return { ...always(of), status: 'running', cancelling: true };
}

/** A new attempt. Throws a conflict unless it failed or was cancelled. */
export function retriedJob(of: Job): Job {
  if (of.status !== 'failed' && of.status !== 'cancelled') {
    throw new DomainError('conflict', `Only a failed or cancelled one can be tried again; it is ${of.status}.`);
  }
  return nextAttempt(of);
}

function nextAttempt(of: Job): Job {
  const { unit } = of.progress;
  return { ...always(of), attempt: of.attempt + 1, progress: { done: 0, total: 0, unit }, status: 'queued' };
}

/** One that was prepared begins, and one that is over begins again, whatever it came to. Throws a conflict while it is under way. */
export function startedJob(of: Job): Job {
  if (of.status === 'prepared') return { ...always(of), status: 'queued' };
  if (!isOver(of)) throw new DomainError('conflict', `It is under way: ${of.status}.`);
  return nextAttempt(of);
}

const shownStatus = z.enum(['prepared', 'queued', 'running', 'succeeded', 'failed', 'cancelled']);

/** What the API shows of a job of one kind; `name` is its schema's. */
export const shownJobSchema = <S extends z.ZodRawShape>(
  kind: JobKindName,
  name: string,
  description: string,
  /** What jobs of the kind show beside. */
  more: S,
) =>
  z
    .object({
      id: idSchema(kind),
      status: shownStatus,
      progress: progress.describe('`total` is 0 until it is known.'),
      createdAt: timeField,
      finishedAt: timeField.optional(),
      error: jobError.optional().describe('Why it failed: a stable code, and what a person can do.'),
      ...more,
    })
    .meta({ id: name, description });

export const showJob = (of: Job, createdAt: number) => ({
  id: of.id,
  status: of.status,
  progress: of.progress,
  createdAt: isoTime(createdAt),
  ...('finishedAt' in of ? { finishedAt: isoTime(of.finishedAt) } : {}),
  ...('error' in of ? { error: of.error } : {}),
});
export type ShownJob = ReturnType<typeof showJob>;
