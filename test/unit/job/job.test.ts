/** The life of a job: what may follow what, in every state. */
import { describe, expect, it } from 'vitest';
import { DomainError } from '../../../shared/api/errors.ts';
import {
  cancelledJob,
  endedJob,
  isOver,
  type Job,
  job,
  LOST_AFTER_MS,
  preparedJob,
  queuedJob,
  retriedJob,
  runningJob,
  seenJob,
  showJob,
  startedJob,
} from '../../../shared/job/job.ts';

const NOW = Date.UTC(2026, 0, 2);
const queued = { ...queuedJob('del_1', 'deletion', 'products'), progress: { done: 2, total: 3, unit: 'products' } };
const running = runningJob(queued);
const error = { code: 'internal', message: 'No.' };
const STATES: Record<Job['status'], Job> = {
  prepared: { ...queued, ...preparedJob('del_1', 'deletion', 'products'), progress: queued.progress },
  queued,
  running,
  succeeded: endedJob(running, { status: 'succeeded' }, NOW),
  failed: endedJob(running, { status: 'failed', error }, NOW),
  cancelled: endedJob(running, { status: 'cancelled' }, NOW),
};

const outcome = (change: () => Job) => {
  try {
    const { status, attempt } = job.parse(change());
    return `${status} ${attempt}`;
  } catch (refused) {
    return refused instanceof DomainError ? refused.code : refused;
  }
};
const each = (change: (of: Job) => Job) =>
  Object.fromEntries(Object.entries(STATES).map(([status, of]) => [status, outcome(() => change(of))]));

describe('a job', () => {
  it('is stored and read back in every state', () => {
    for (const state of Object.values(STATES)) expect(job.parse(JSON.parse(JSON.stringify(state)))).toEqual(state);
    expect(
      Object.values(STATES)
        .filter(isOver)
        .map(({ status }) => status),
    ).toEqual(['succeeded', 'failed', 'cancelled']);
  });

  it('is cancelled at once before it runs, told so while it runs, and not when it is over', () => {
    expect(each((of) => cancelledJob(of, NOW))).toEqual({
      prepared: 'cancelled 1',
      queued: 'cancelled 1',
      running: 'running 1',
      succeeded: 'conflict',
      failed: 'conflict',
      cancelled: 'conflict',
    });
    expect(cancelledJob(running, NOW)).toEqual({ ...running, cancelling: true });
    expect(cancelledJob(queued, NOW)).toEqual({ ...queued, status: 'cancelled', finishedAt: NOW });
  });

  it('is tried again when it failed or was cancelled, from the beginning', () => {
    expect(each(retriedJob)).toEqual({
      prepared: 'conflict',
      queued: 'conflict',
      running: 'conflict',
      succeeded: 'conflict',
      failed: 'queued 2',
      cancelled: 'queued 2',
    });
    expect(retriedJob(STATES.failed)).toEqual({
      ...queued,
      attempt: 2,
      progress: { done: 0, total: 0, unit: 'products' },
    });
  });

  it('that was prepared is started as its first attempt; one that is over begins anew, whatever it came to', () => {
    expect(each(startedJob)).toEqual({
      prepared: 'queued 1',
      queued: 'conflict',
      running: 'conflict',
      succeeded: 'queued 2',
      failed: 'queued 2',
      cancelled: 'queued 2',
    });
  });

  it('keeps through its life when its record may go', () => {
    const ttl = NOW / 1000 + 30;
    const of = queuedJob('exp_1', 'export', 'readings', ttl);
    const failed = endedJob(runningJob(of), { status: 'failed', error }, NOW);
    for (const state of [
      of,
      runningJob(of),
      cancelledJob(runningJob(of), NOW),
      failed,
      retriedJob(failed),
      startedJob(failed),
    ])
      expect(job.parse(state).ttl).toBe(ttl);
    for (const state of Object.values(STATES)) expect(state).not.toHaveProperty('ttl');
  });

  it('that waits or runs is seen as failed after an hour of silence, and can then be tried again', () => {
    const heard = NOW - LOST_AFTER_MS;
    for (const state of Object.values(STATES)) expect(seenJob(state, heard, NOW)).toEqual(state);
    expect(each((of) => seenJob(of, heard - 1, NOW))).toEqual({
      prepared: 'prepared 1',
      queued: 'failed 1',
      running: 'failed 1',
      succeeded: 'succeeded 1',
      failed: 'failed 1',
      cancelled: 'cancelled 1',
    });
    const lost = seenJob(running, heard - 1, NOW);
    expect(lost).toMatchObject({ finishedAt: NOW - 1, error: { code: 'lost' } });
    expect(retriedJob(lost)).toMatchObject({ status: 'queued', attempt: 2 });
  });

  it('shows no more than its contract', () => {
    expect(showJob({ ...running, cancelling: true } as Job, NOW)).toEqual({
      id: 'del_1',
      status: 'running',
      progress: queued.progress,
      createdAt: '2026-01-02T00:00:00.000Z',
    });
    expect(showJob(STATES.failed, NOW)).toMatchObject({ finishedAt: '2026-01-02T00:00:00.000Z', error });
  });
});
