/** How a job begins: sealed, written, started; and what is seen of it where it could not be started, or only the answer was lost. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { deletionRoutes } from '../../../shared/deletion/deletion-api.ts';
import { beginJob, type JobStarts } from '../../../shared/job/begin-job.ts';
import type { JobEvent } from '../../../shared/job/job-event.ts';
import { jobs } from '../../../shared/job/job-store.ts';
import { jobUseCases } from '../../../shared/job/job-use-cases.ts';
import { takeSlot } from '../../../shared/job/slot-store.ts';
import type { AccountSession } from '../../../shared/platform/account-session.ts';
import { newId } from '../../../shared/platform/ids.ts';
import { type EmbeddedTable, openEmbeddedTable } from '../../support/embedded-table.ts';

let house: EmbeddedTable;
beforeAll(async () => {
  house = await openEmbeddedTable();
});
afterAll(() => house.close());

const NOW = Date.UTC(2026, 0, 1);
const WORK = { kind: 'deletion', unit: 'products', input: { text: 'what the customer wrote' } } as const;

/** A new account's caller; `start`: what becomes of each start. */
function caller(start: (event: JobEvent, session: AccountSession) => Promise<void>) {
  const session = house.session(newId('account'));
  const { account } = session;
  const started: JobEvent[] = [];
  const deps: JobStarts = {
    now: () => NOW,
    newId,
    sealWorkOrder: async (request) => {
      expect(request).toEqual({ account, token: 'token' });
      return 'order';
    },
    startExecution: async (event, version) => {
      expect(version).toBe('arn:jobs:1');
      started.push(event);
      await start(event, session);
    },
    jobsFunction: 'arn:jobs:1',
  };
  const principal = { kind: 'client', id: newId('apiClient') } as const;
  const who = { account, session, token: 'token', principal, rights: new Set<never>() };
  const useCases = jobUseCases(deps, 'deletion', deletionRoutes, (shown) => shown);
  const by = (id: string) =>
    [who, { params: { id }, query: {}, body: undefined, ifMatch: undefined, mediaType: 'application/json' }] as const;
  return {
    deps,
    session,
    started,
    begin: () => beginJob(deps, who, WORK),
    get: async (id: string) => (await useCases.get(...by(id))).body,
    retry: async (id: string) => (await useCases.retry(...by(id))).body,
  };
}

const stored = async (session: AccountSession, id: string) => {
  const job = await jobs.find(session, 'deletion', id);
  if (!job) throw new Error('There is no such job.');
  return job;
};

/** Lambda takes it, it is running at once, and the answer is lost. */
async function lostAnswer({ job }: JobEvent, session: AccountSession): Promise<never> {
  expect(await takeSlot(session, await stored(session, job), NOW)).toBe(true);
  throw new Error('TimeoutError');
}

describe('a job', () => {
  it('is written before it is started, as its first attempt, with its order', async () => {
    const seen: string[] = [];
    const { session, started, begin, get } = caller(
      async ({ job }, of) => void seen.push((await stored(of, job)).plain.status),
    );
    const begun = await begin();
    expect(begun).toMatchObject({ status: 'queued', progress: { done: 0, total: 0, unit: 'products' } });
    expect(seen).toEqual(['queued']);
    expect(started).toEqual([
      { account: session.account, kind: 'deletion', job: begun.id, attempt: 1, part: 1, order: 'order' },
    ]);
    expect(await get(begun.id)).toEqual(begun);
    expect((await stored(session, begun.id)).sealed).toEqual({ input: WORK.input });
  });

  it('is not written where its order is not sealed', async () => {
    const { deps, session, started } = caller(async () => {});
    const refusing = { ...deps, sealWorkOrder: () => Promise.reject(new Error('no')) };
    await expect(beginJob(refusing, { account: session.account, session, token: 'token' }, WORK)).rejects.toThrow('no');
    expect(started).toEqual([]);
    expect((await jobs.page(session, 'deletion', { limit: 1 })).items).toEqual([]);
  });

  it('that can’t be started has failed, and each retry starts the next attempt', async () => {
    let isOut = true;
    const { started, begin, get, retry } = caller(async () => {
      if (isOut) throw new Error('TooManyRequestsException');
    });
    const begun = await begin();
    const failed = { status: 'failed', error: { code: 'not-started' }, finishedAt: new Date(NOW).toISOString() };
    expect(begun).toMatchObject(failed);
    expect(await get(begun.id)).toEqual(begun);

    expect(await retry(begun.id)).toMatchObject(failed);
    isOut = false;
    const again = await retry(begun.id);
    expect(again).toMatchObject({ id: begun.id, status: 'queued' });
    expect(again).not.toHaveProperty('error');
    expect(await get(begun.id)).toEqual(again);
    expect(started.map(({ job, attempt, part }) => [job, attempt, part])).toEqual([
      [begun.id, 1, 1],
      [begun.id, 2, 1],
      [begun.id, 3, 1],
    ]);
  });

  it('that was started, and only the answer was lost, is shown as it runs', async () => {
    const { session, begin, get } = caller(lostAnswer);
    const begun = await begin();
    expect(begun).toMatchObject({ status: 'running' });
    expect(await get(begun.id)).toEqual(begun);
    expect((await stored(session, begun.id)).plain).toMatchObject({ status: 'running', attempt: 1 });
  });

  it('that is tried again, and only the answer was lost, is shown as it runs', async () => {
    const { session, begin, retry } = caller(async (event, of) => {
      if (event.attempt === 1) throw new Error('TooManyRequestsException');
      await lostAnswer(event, of);
    });
    const begun = await begin();
    expect(await retry(begun.id)).toMatchObject({ status: 'running' });
    expect((await stored(session, begun.id)).plain).toMatchObject({ status: 'running', attempt: 2 });
  });
});
