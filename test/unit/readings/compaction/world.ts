/**
 * A store that lives on while its clock is moved: readings come in, the sweeper and compactions run or die, what has expired goes,
 * and every answer is compared with a plain list of what was sent. Questions go through the use cases of the routes.
 */
import { DeleteItemCommand } from '@aws-sdk/client-dynamodb';
import type { AccountCaller } from '../../../../shared/api/caller.ts';
import { canonicalJson } from '../../../../shared/platform/json-value.ts';
import { Contention } from '../../../../shared/platform/transact.ts';
import { parseEvery } from '../../../../shared/readings/aggregate/every.ts';
import { intervalsOf } from '../../../../shared/readings/aggregate/intervals.ts';
import { AGGREGATES } from '../../../../shared/readings/aggregate/stats.ts';
import type { Group } from '../../../../shared/readings/codec/block.ts';
import { compactDue, putOff } from '../../../../shared/readings/compaction/compact-due.ts';
import { compactProduct } from '../../../../shared/readings/compaction/compact-product.ts';
import { latestReadings } from '../../../../shared/readings/latest-readings.ts';
import { type FoundReading, hashOf } from '../../../../shared/readings/page-collector.ts';
import { queryReadings } from '../../../../shared/readings/query-readings.ts';
import { SWEEPS } from '../../../../shared/readings/sweeps.ts';
import { type Due, putDue, slotAt } from '../../../../shared/work/due.ts';
import { sweep } from '../../../../shared/work/sweep.ts';
import { DUE_KINDS } from '../../../../shared/work/work-keys.ts';
import { saveFirstSlot } from '../../../../shared/work/work-store.ts';
import type { ModelReading } from '../../../support/readings-model.ts';
import { DAY, HOUR, modelRows } from '../aggregate/model.ts';
import { deviceId, openStore } from './store.ts';

/** Thursday before the clock is put back in Madrid. */
export const START = Date.parse('2026-10-22T21:40:00Z');
/** Of the first bucket. */
export const RETENTION_DAYS = 400;
export const MINUTE = 60_000;

export interface Question {
  readonly bucket: number;
  readonly device?: number | undefined;
  readonly stream?: string | undefined;
  readonly from?: number | undefined;
  readonly to?: number | undefined;
  readonly order: 'asc' | 'desc';
  readonly limit: number;
}

const text = (a: string, b: string) => (a < b ? -1 : a > b ? 1 : 0);

export async function openWorld() {
  const store = await openStore(START, { retentionDays: RETENTION_DAYS });
  const { account } = store.session;
  const { product, clock, database } = store;
  let sent: ModelReading[] = [];
  const work = { db: database.client, table: 'work' };
  const now = () => clock.now;
  const deps = { ...store.deps, ...putOff({ work, now }) };
  const of = { account, product };
  const caller = (): AccountCaller => ({
    account,
    principal: { kind: 'client', id: 'cli_test' },
    rights: new Set(),
    token: '',
    session: store.session,
  });
  const query = queryReadings({ now });
  const latest = latestReadings({ now });

  const done = compactDue({ ...deps, work });
  const hand = async (due: readonly Due[]) => {
    for (const one of due) {
      const { failed } = await done([{ messageId: 'm', body: JSON.stringify(one), sentAt: clock.now }]);
      if (failed.length > 0) throw new Error('The compactor gave work back.');
    }
  };
  // As if it had been swept all the time: the first sweep ever looks two weeks back.
  for (const kind of DUE_KINDS) await saveFirstSlot(work, kind, slotAt(START - HOUR));
  const sweepOnce = sweep({ work, hand, now });

  /** Each reading once, as it should be readable now. */
  function held(bucket: number): FoundReading[] {
    const kept = bucket === 0 ? clock.now - RETENTION_DAYS * DAY : 0;
    const distinct = new Map<string, FoundReading>();
    for (const { bucket: id, device, stream, ts, value } of sent) {
      if (id !== store.buckets[bucket] || ts < kept) continue;
      distinct.set(`${ts} ${device} ${stream} ${canonicalJson(value)}`, { device, stream, ts, value });
    }
    return [...distinct.values()].sort(
      (a, b) =>
        a.ts - b.ts || text(a.device, b.device) || text(a.stream, b.stream) || text(hashOf(a.value), hashOf(b.value)),
    );
  }

  const asked = ({ bucket, device, stream, from = 0, to = Number.POSITIVE_INFINITY }: Question) =>
    held(bucket).filter(
      (one) =>
        one.ts >= from &&
        one.ts < to &&
        (device === undefined || one.device === deviceId(device)) &&
        (stream === undefined || one.stream === stream),
    );

  async function pages(question: Question, more: object): Promise<unknown[]> {
    const { bucket, device, stream, from, to, order, limit } = question;
    const items: unknown[] = [];
    let cursor: string | undefined;
    do {
      const answer = await query(caller(), {
        params: { id: store.buckets[bucket] as string },
        query: {
          device: device === undefined ? undefined : deviceId(device),
          stream,
          from,
          to,
          order,
          limit,
          cursor,
          ...more,
        },
        mediaType: 'application/json',
      } as Parameters<typeof query>[1]);
      if (!('body' in answer) || !answer.body) throw new Error('There is no body.');
      items.push(...(answer.body as { items: unknown[] }).items);
      cursor = (answer.body as { next?: string }).next;
    } while (cursor !== undefined);
    return items;
  }

  const iso = (ms: number) => new Date(ms).toISOString();
  const shown = ({ ts, device, stream, value }: FoundReading) => ({ ts: iso(ts), device, stream, value });

  return {
    store,
    clock,

    async ingest(groups: readonly Group[], age: number) {
      await putDue(work, { kind: 'compaction', account, product }, slotAt(clock.now - age + 1));
      sent.push(...(await store.ingest(groups, age)));
    },

    sweep: sweepOnce,

    /** As a deletion does it: each store page by page; whoever meets a compaction, or what one that died left, comes again later. */
    async deleteRange({ bucket, device: n, stream, from, to }: Omit<Question, 'order' | 'limit'>) {
      const id = store.buckets[bucket] as string;
      const device = n === undefined ? undefined : deviceId(n);
      const range = { bucket: id, device, stream, from, to };
      for (const { sweep: sweepPage } of SWEEPS) {
        let after: string | undefined;
        for (let isOver = false; !isOver; ) {
          try {
            after = await sweepPage(store.session, product, { range, buckets: [id], after, now: clock.now });
            isOver = after === undefined;
          } catch (error) {
            if (!(error instanceof Contention)) throw error;
            clock.now += 7 * MINUTE;
          }
        }
      }
      sent = sent.filter(
        (one) =>
          one.bucket !== id ||
          (device !== undefined && one.device !== device) ||
          (stream !== undefined && one.stream !== stream) ||
          one.ts < (from ?? 0) ||
          one.ts >= (to ?? Number.POSITIVE_INFINITY),
      );
    },

    /** A compaction whose function ends at its n-th request. */
    async compactKilled(n: number) {
      let asked = 0;
      database.intercept(() => {
        if (asked++ >= n) throw new Error('killed');
      });
      await compactProduct(deps)({ ...of, deadline: Number.POSITIVE_INFINITY }).catch(() => undefined);
      database.intercept(() => undefined);
    },

    compact: (deadline = Number.POSITIVE_INFINITY) => compactProduct(deps)({ ...of, deadline }),

    /** As if leases didn't hold: each believes itself alone. */
    async compactTwice() {
      const careless = compactProduct({ ...deps, newOwner: () => 'the same' });
      const run = () => careless({ ...of, deadline: Number.POSITIVE_INFINITY }).catch(() => 'failed');
      await Promise.all([run(), run()]);
    },

    /** What DynamoDB removes some time after it has expired. */
    async expire() {
      for (const { pk, sk, ttl } of database.items('readings')) {
        if (!pk || !sk || ttl === undefined || Number(ttl.N) * 1000 > clock.now) continue;
        await database.client.send(
          new DeleteItemCommand({
            TableName: 'readings',
            Key: { pk: { S: String(pk.S) }, sk: { S: String(sk.S) } },
          }),
        );
      }
    },

    /** Answers and what they should be. */
    async readings(question: Question) {
      const expected = asked(question).map(shown);
      return {
        answered: await pages(question, {}),
        expected: question.order === 'asc' ? expected : expected.toReversed(),
      };
    },

    async rows(question: Question, { every, timeZone }: { every: string; timeZone: string }) {
      const parsed = parseEvery(every);
      if (!parsed) throw new Error(every);
      const model = modelRows(asked(question), intervalsOf(parsed, timeZone));
      const expected = model.map((row) => ({ ...row, from: iso(row.from), to: iso(row.to) }));
      return {
        answered: await pages(question, { every: parsed, timeZone, aggregate: AGGREGATES }),
        expected: question.order === 'asc' ? expected : expected.toReversed(),
      };
    },

    async newest({ bucket, stream }: Pick<Question, 'bucket' | 'stream'>) {
      const input = { params: { id: store.buckets[bucket] as string }, query: { stream, limit: 50 } };
      const { body } = await latest(caller(), input as Parameters<typeof latest>[1]);
      const newest = new Map(asked({ bucket, stream, order: 'asc', limit: 1 }).map((one) => [one.device, one]));
      const expected = [...newest.values()].sort((a, b) => text(a.device, b.device)).map(shown);
      return { answered: (body as { items: unknown[] }).items, expected };
    },

    /** Days of which there is a key that isn't destroyed yet. */
    keyDays: () => store.keys.living().flatMap((name) => ('day' in name ? [name.day] : [])),
  };
}
export type World = Awaited<ReturnType<typeof openWorld>>;
export { DAY, HOUR };
