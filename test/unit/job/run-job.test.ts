/** A job of whatever kind, from its slot to its end: killed after every step, in parts, cancelled, refused and broken. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import * as z from 'zod';
import { DomainError } from '../../../shared/api/errors.ts';
import { defineJob, type JobKind } from '../../../shared/job/define-job.ts';
import {
  cancelledJob,
  endedJob,
  type Job,
  LOST_AFTER_MS,
  queuedJob,
  runningJob,
  seenJob,
} from '../../../shared/job/job.ts';
import type { JobEvent } from '../../../shared/job/job-event.ts';
import { jobKey } from '../../../shared/job/job-keys.ts';
import { jobs, type StoredJob } from '../../../shared/job/job-store.ts';
import { runJob } from '../../../shared/job/run-job.ts';
import { takeSlot } from '../../../shared/job/slot-store.ts';
import type { AccountSession } from '../../../shared/platform/account-session.ts';
import { writeTogether } from '../../../shared/platform/entity.ts';
import { newId } from '../../../shared/platform/ids.ts';
import { type EmbeddedTable, openEmbeddedTable } from '../../support/embedded-table.ts';
import { kindsWith } from '../../support/job-kinds.ts';
import { execution } from './memory-durable.ts';

let house: EmbeddedTable;
beforeAll(async () => {
  house = await openEmbeddedTable();
});
afterAll(() => house.close());

const SECRET = 'what the customer wrote';
let now = Date.UTC(2026, 0, 1);

/** Counts to the input's `n`, a step each, and notes each step that it does; `trouble` is what a step throws instead. */
function counting(notes: number[], trouble?: (at: number) => Error | undefined): JobKind {
  return defineJob({
    unit: 'numbers',
    input: z.strictObject({ n: z.int(), text: z.string() }),
    place: z.strictObject({ at: z.int() }),
    async run(ctx, from) {
      const n = await ctx.step('look', async ({ input }) => input.n);
      for (let at = from?.at ?? 0; at < n; at++) {
        await ctx.step('count', async ({ input }) => {
          const error = trouble?.(at);
          if (error) throw error;
          expect(input.text).toBe(SECRET);
          notes.push(at);
          return at;
        });
        ctx.progress(at + 1, n);
        await ctx.mark({ at: at + 1 });
      }
    },
  });
}

async function queue(session: AccountSession, n: number): Promise<StoredJob> {
  const id = newId('deletion');
  const job = jobs.make(jobKey(session.account, 'deletion', id), now, queuedJob(id, 'deletion', 'numbers'), {
    input: { n, text: SECRET },
  });
  await writeTogether(session, [await jobs.put(session, job)]);
  return job;
}

async function change(session: AccountSession, id: string, to: (of: StoredJob) => Job): Promise<void> {
  const job = await found(session, id);
  await writeTogether(session, [await jobs.put(session, jobs.change(job, now, job.sealed, to(job)))]);
}

async function found(session: AccountSession, id: string): Promise<StoredJob> {
  const job = await jobs.find(session, 'deletion', id);
  if (!job) throw new Error('The job is gone.');
  return job;
}

const eventOf = (session: AccountSession, { plain }: StoredJob): JobEvent => ({
  account: session.account,
  kind: 'deletion',
  job: plain.id,
  attempt: plain.attempt,
  part: 1,
  order: 'order',
});

function running(session: AccountSession, kind: JobKind, operationsAPart?: number) {
  const started: JobEvent[] = [];
  const run = runJob({
    kinds: kindsWith({ deletion: kind }),
    openSession: async (request) => {
      expect(request).toEqual({ kind: 'order', account: session.account, order: 'order' });
      return session;
    },
    startExecution: async (event) => void started.push(JSON.parse(JSON.stringify(event))),
    now: () => now,
    ...(operationsAPart === undefined ? {} : { operationsAPart }),
  });
  return { run, started };
}

const anAccount = () => house.session(newId('account'));
const aSlotIsFree = async (session: AccountSession) => takeSlot(session, await queue(session, 0), now);

describe('a job', () => {
  it('takes a slot, does each step once, says how far it is, and frees its slot', async () => {
    const session = anAccount();
    const job = await queue(session, 3);
    const notes: number[] = [];
    const { run } = running(session, counting(notes));
    expect(await execution((durable) => run(eventOf(session, job), durable)).run()).toBe('succeeded');
    expect(notes).toEqual([0, 1, 2]);
    const { plain } = await found(session, job.plain.id);
    expect(plain).toMatchObject({ status: 'succeeded', finishedAt: now, progress: { done: 3, total: 3 } });
    expect([await aSlotIsFree(session), await aSlotIsFree(session), await aSlotIsFree(session)]).toEqual([
      true,
      true,
      false,
    ]);
  });

  it('that is killed after any step, before it was kept, ends the same', async () => {
    const operations = 6;
    for (let killAt = 1; killAt <= operations; killAt++) {
      const session = anAccount();
      const job = await queue(session, 3);
      const notes: number[] = [];
      const { run } = running(session, counting(notes));
      const one = execution((durable) => run(eventOf(session, job), durable), { killAt });
      expect(await one.run()).toBe('succeeded');
      expect(one.history).toHaveLength(operations);
      expect([...new Set(notes)]).toEqual([0, 1, 2]);
      expect(notes.length).toBeLessThanOrEqual(4);
      expect((await found(session, job.plain.id)).plain).toMatchObject({ status: 'succeeded', progress: { done: 3 } });
      expect([await aSlotIsFree(session), await aSlotIsFree(session)]).toEqual([true, true]);
    }
  });

  it('that grows long goes on in new parts, where the last one ended', async () => {
    const session = anAccount();
    const job = await queue(session, 7);
    const notes: number[] = [];
    const { run, started } = running(session, counting(notes), 5);
    for (let event: JobEvent | undefined = eventOf(session, job); event; event = started.at(-1)) {
      const before = started.length;
      const one = execution((durable) => run(event, durable));
      await one.run();
      expect(one.history.length).toBeLessThanOrEqual(6);
      if (started.length === before) break;
    }
    expect(started.map(({ part, place }) => [part, place])).toEqual([
      [2, { at: 3 }],
      [3, { at: 6 }],
    ]);
    expect(notes).toEqual([0, 1, 2, 3, 4, 5, 6]);
    expect((await found(session, job.plain.id)).plain).toMatchObject({ status: 'succeeded', progress: { done: 7 } });
  });

  it('that is cancelled ends before its next step, and frees its slot', async () => {
    const session = anAccount();
    const job = await queue(session, 5);
    const notes: number[] = [];
    const cancelling = (at: number) => {
      if (at === 2) pending = change(session, job.plain.id, ({ plain }) => cancelledJob(plain, now));
      return undefined;
    };
    let pending: Promise<void> | undefined;
    const kind = counting(notes, cancelling);
    const { run } = running(session, {
      ...kind,
      run: (ctx, from) =>
        kind.run(
          {
            ...ctx,
            step: async (name, work) => {
              const result = await ctx.step(name, work);
              await pending;
              return result;
            },
          },
          from,
        ),
    });
    expect(await execution((durable) => run(eventOf(session, job), durable)).run()).toBe('cancelled');
    expect(notes).toEqual([0, 1, 2]);
    expect((await found(session, job.plain.id)).plain).toMatchObject({ status: 'cancelled', finishedAt: now });
    expect([await aSlotIsFree(session), await aSlotIsFree(session)]).toEqual([true, true]);
  });

  it('that meets trouble tries again; what never passes fails it, without a word of the customer’s', async () => {
    const session = anAccount();
    const [shaken, broken] = [await queue(session, 2), await queue(session, 2)];
    let left = 2;
    const shaky = running(
      session,
      counting([], () => (left-- > 0 ? new Error(SECRET) : undefined)),
    );
    expect(await execution((durable) => shaky.run(eventOf(session, shaken), durable)).run()).toBe('succeeded');

    const hopeless = running(
      session,
      counting([], () => new RangeError(SECRET)),
    );
    const one = execution((durable) => hopeless.run(eventOf(session, broken), durable));
    expect(await one.run()).toBe('failed');
    expect(JSON.stringify(one.history)).not.toContain(SECRET);
    const { plain } = await found(session, broken.plain.id);
    expect(plain).toMatchObject({ status: 'failed', error: { code: 'internal' } });
    expect(JSON.stringify(plain)).not.toContain(SECRET);
  });

  it('that may not do what it is to do fails at once, and says why', async () => {
    const session = anAccount();
    const job = await queue(session, 2);
    let tries = 0;
    const refusing = counting([], () => {
      tries += 1;
      return new DomainError('conflict', 'It stands in the way.');
    });
    const { run } = running(session, refusing);
    expect(await execution((durable) => run(eventOf(session, job), durable)).run()).toBe('failed');
    expect(tries).toBe(1);
    expect((await found(session, job.plain.id)).plain).toMatchObject({
      error: { code: 'conflict', message: 'It stands in the way.' },
    });
  });

  it('keeps what it has come to once it has succeeded, and only then', async () => {
    const session = anAccount();
    const reporting = (end?: Error) =>
      defineJob({
        unit: 'numbers',
        input: z.unknown(),
        place: z.unknown(),
        async run(ctx) {
          ctx.report({ sum: 6 });
          await ctx.step('end', async () => {
            if (end) throw end;
            return undefined;
          });
        },
      });
    const [good, bad] = [await queue(session, 0), await queue(session, 0)];
    for (const [job, end] of [
      [good, undefined],
      [bad, new DomainError('conflict', 'No.')],
    ] as const)
      await execution((durable) => running(session, reporting(end)).run(eventOf(session, job), durable)).run();
    expect((await found(session, good.plain.id)).sealed).toEqual({ input: { n: 0, text: SECRET }, report: { sum: 6 } });
    expect((await found(session, bad.plain.id)).sealed).toEqual({ input: { n: 0, text: SECRET } });
  });

  describe('that leaves something behind', () => {
    const dirty = (
      cleaned: (hands: { job: string; input: unknown }) => void,
      trouble?: (at: number) => Error | undefined,
    ) => ({
      ...counting([], trouble),
      cleanUp: async ({ job, input }: { job: string; input: unknown }) => cleaned({ job, input }),
    });
    const refuse = () => new DomainError('conflict', 'No.');

    it('cleans up where it failed, before anybody may try it again, also where it is killed after it', async () => {
      const session = anAccount();
      for (const killEach of [false, true]) {
        const job = await queue(session, 2);
        const cleaned: string[] = [];
        const { run } = running(
          session,
          dirty((hands) => {
            cleaned.push(hands.job);
            expect(hands.input).toEqual({ n: 2, text: SECRET });
          }, refuse),
        );
        const one = execution((durable) => run(eventOf(session, job), durable), { killEach });
        expect(await one.run()).toBe('failed');
        expect(one.history.map(({ name }) => name).slice(-2)).toEqual(['clean up', 'end']);
        expect(cleaned).toEqual(Array(killEach ? 2 : 1).fill(job.plain.id));
        expect((await found(session, job.plain.id)).plain).toMatchObject({ error: { code: 'conflict' } });
      }
    });

    it('cleans up where it was cancelled, and not where it succeeded', async () => {
      const session = anAccount();
      const [cancelled, good] = [await queue(session, 2), await queue(session, 2)];
      const cleaned: string[] = [];
      const { run } = running(
        session,
        dirty((hands) => cleaned.push(hands.job)),
      );
      expect(await takeSlot(session, cancelled, now)).toBe(true);
      await change(session, cancelled.plain.id, ({ plain }) => cancelledJob(plain, now));
      expect(await execution((durable) => run(eventOf(session, cancelled), durable)).run()).toBe('cancelled');
      expect(await execution((durable) => run(eventOf(session, good), durable)).run()).toBe('succeeded');
      expect(cleaned).toEqual([cancelled.plain.id]);
    });

    it('ends all the same where it can’t clean up', async () => {
      const session = anAccount();
      const job = await queue(session, 2);
      const { run } = running(
        session,
        dirty(() => {
          throw new Error(SECRET);
        }, refuse),
      );
      const one = execution((durable) => run(eventOf(session, job), durable));
      expect(await one.run()).toBe('failed');
      expect(JSON.stringify(one.history)).not.toContain(SECRET);
      expect((await found(session, job.plain.id)).plain).toMatchObject({
        status: 'failed',
        error: { code: 'conflict' },
      });
      expect(await aSlotIsFree(session)).toBe(true);
    });
  });

  it('whose order is refused is left as it is', async () => {
    const session = anAccount();
    const job = await queue(session, 2);
    const run = runJob({
      kinds: kindsWith({ deletion: counting([]) }),
      openSession: async () => {
        throw new DomainError('forbidden', 'suspended');
      },
      startExecution: async () => {},
      now: () => now,
    });
    expect(await execution((durable) => run(eventOf(session, job), durable)).run()).toBe('not its turn');
    expect(await found(session, job.plain.id)).toEqual(job);
  });

  it('of an older attempt, or one that is over, does nothing', async () => {
    const session = anAccount();
    const [old, over] = [await queue(session, 2), await queue(session, 2)];
    const notes: number[] = [];
    const { run } = running(session, counting(notes));
    await change(session, old.plain.id, ({ plain }) => ({ ...plain, attempt: 2 }));
    await change(session, over.plain.id, ({ plain }) => cancelledJob(plain, now));
    for (const job of [old, over])
      expect(await execution((durable) => run(eventOf(session, job), durable)).run()).toBe('not its turn');
    expect(notes).toEqual([]);
    expect((await found(session, old.plain.id)).plain.status).toBe('queued');
  });
});

describe('slots', () => {
  it('are two; the third job waits, ever longer, until one is over', async () => {
    const session = anAccount();
    const [one, two, three] = [await queue(session, 1), await queue(session, 1), await queue(session, 1)];
    expect([await takeSlot(session, one, now), await takeSlot(session, two, now)]).toEqual([true, true]);
    const { run } = running(session, counting([]));
    let waited = 0;
    const third = execution((durable) => run(eventOf(session, three), durable), {
      waiting: async () => {
        waited += 1;
        expect((await found(session, three.plain.id)).plain.status).toBe('queued');
        // Its slot stays, as if it had been killed just then.
        if (waited === 4)
          await change(session, two.plain.id, ({ plain }) => endedJob(plain, { status: 'succeeded' }, now));
      },
    });
    expect(await third.run()).toBe('succeeded');
    expect(third.waits).toEqual([2, 4, 8, 16]);
  });

  it('are waited for as long as it takes: a job that waits says that it is alive, at most once a minute', async () => {
    const session = anAccount();
    const [one, two, three] = [await queue(session, 1), await queue(session, 1), await queue(session, 1)];
    expect([await takeSlot(session, one, now), await takeSlot(session, two, now)]).toEqual([true, true]);
    const began = now;
    const heard = new Set<number>();
    const { run } = running(session, counting([]));
    const third = execution((durable) => run(eventOf(session, three), durable), {
      waiting: async () => {
        now += 1000 * (third.waits.at(-1) ?? 0);
        const { plain, updatedAt } = await found(session, three.plain.id);
        expect(seenJob(plain, updatedAt, now).status).toBe('queued');
        heard.add((updatedAt - began) / 1000);
        const isLong = now - began > 2 * LOST_AFTER_MS;
        await change(session, one.plain.id, ({ plain: of }) => of);
        await change(session, two.plain.id, ({ plain: of }) =>
          isLong ? endedJob(of, { status: 'succeeded' }, now) : of,
        );
      },
    });
    expect(await third.run()).toBe('succeeded');
    expect([...heard].slice(0, 6)).toEqual([0, 62, 126, 254, 510, 810]);
  });

  it('of a job that was lost are free after an hour, and that job has failed', async () => {
    const session = anAccount();
    const [one, two] = [await queue(session, 1), await queue(session, 1)];
    expect([await takeSlot(session, one, now), await takeSlot(session, two, now)]).toEqual([true, true]);
    now += LOST_AFTER_MS;
    await change(session, two.plain.id, ({ plain }) => runningJob(plain));
    now += 1;
    expect([await aSlotIsFree(session), await aSlotIsFree(session)]).toEqual([true, false]);
    expect((await found(session, one.plain.id)).plain).toMatchObject({ status: 'failed', error: { code: 'lost' } });
    expect((await found(session, two.plain.id)).plain.status).toBe('running');
  });

  it('go to one of those that ask at once', async () => {
    const session = anAccount();
    const many = await Promise.all(Array.from({ length: 6 }, () => queue(session, 1)));
    const took = await Promise.all(many.map((job) => takeSlot(session, job, now)));
    expect(took.filter(Boolean).length).toBeLessThanOrEqual(2);
    expect(took.filter(Boolean).length).toBeGreaterThan(0);
    const states = await Promise.all(many.map(async ({ plain }) => (await found(session, plain.id)).plain.status));
    expect(states.map((status) => status === 'running')).toEqual(took);
  });
});
