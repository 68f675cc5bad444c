/** The deletion of ranges from every live store of readings: exactly what matches goes, wherever it lies, and summaries learn of it. */
import { describe, expect, it, vi } from 'vitest';
import type { Group } from '../../../shared/readings/codec/block.ts';
import type { ReadingRange } from '../../../shared/readings/delete-range.ts';
import { readSummaries } from '../../../shared/readings/read-summaries.ts';
import { SWEEPS } from '../../../shared/readings/sweeps.ts';
import { PATIENCE_MS, stride } from '../../support/effort.ts';
import { linesOf, type ModelReading, storedLines } from '../../support/readings-model.ts';
import { deviceId, openStore, type Store } from './compaction/store.ts';

const START = Date.parse('2026-03-02T00:00:00Z');
const MINUTE = 60_000;
const HOUR = 60 * MINUTE;

/** What was waited for, in ms: nothing here waits in earnest. */
const { waits } = vi.hoisted(() => ({ waits: [] as number[] }));
vi.mock('node:timers/promises', () => ({ setTimeout: async (ms: number) => void waits.push(ms) }));

let made: { store: Store; model: ModelReading[]; restore: () => void; now: number } | undefined;
/** Made once; each test begins where that ended. */
async function filled(): Promise<{ store: Store; model: ModelReading[] }> {
  if (!made) {
    const { store, model } = await fill();
    made = { store, model, restore: store.database.snapshot(), now: store.clock.now };
  }
  made.restore();
  made.store.clock.now = made.now;
  made.store.restart();
  return made;
}

/** A day and some hours: two fast devices and a slow one, two streams; all but the last hours are compacted. */
async function fill(): Promise<{ store: Store; model: ModelReading[] }> {
  const store = await openStore(START);
  const model: ModelReading[] = [];
  for (let hour = 0; hour < 27; hour++) {
    const groups = [0, 1, 2].flatMap((n): Group[] =>
      ['telemetry', 'events'].map((stream) => ({
        device: deviceId(n),
        stream,
        buckets: n === 1 ? store.buckets : store.buckets.slice(0, 1),
        rows: Array.from({ length: n === 2 ? 2 : 60 }, (_, i) => ({
          ts: store.clock.now + i * 50_000,
          receivedAt: store.clock.now,
          value: { n, hour, i },
        })),
      })),
    );
    model.push(...(await store.ingest(groups)));
    store.clock.now += HOUR;
    if (hour === 24) {
      store.clock.now += 5 * MINUTE;
      expect(await store.compact()).toBe('done');
    }
  }
  return { store, model };
}

async function sweepAll({ session, product, clock, buckets }: Store, range: ReadingRange): Promise<void> {
  for (const { sweep } of SWEEPS) {
    let after: string | undefined;
    do
      after = await sweep(session, product, {
        range,
        buckets: range.bucket === undefined ? buckets : [range.bucket],
        after,
        now: clock.now,
      });
    while (after !== undefined);
  }
}

const matches = (one: ModelReading, range: ReadingRange) =>
  (range.bucket === undefined || one.bucket === range.bucket) &&
  (range.device === undefined || one.device === range.device) &&
  (range.stream === undefined || one.stream === range.stream) &&
  one.ts >= (range.from ?? 0) &&
  one.ts < (range.to ?? Number.POSITIVE_INFINITY);

/** Numbers that the summaries of the first day count. */
async function countedByDay({ session, product }: Store, bucket: string): Promise<number> {
  let count = 0;
  const source = { bucket, products: [product], from: START, to: START + 24 * HOUR, order: 'asc' as const };
  for await (const { items } of readSummaries(session, { ...source, serves: () => true })) {
    for (const item of items) {
      if (item.kind === 'rows') for (const { rows } of item.groups) count += rows.length;
      else {
        const fields = item.summary.streams.flatMap((stream) => stream.fields.filter(({ field }) => field === 'i'));
        for (const { hours } of fields) for (const { stats } of hours) count += stats.count;
      }
    }
  }
  return count;
}

const RANGES: readonly [string, (buckets: readonly string[]) => ReadingRange][] = [
  ['some hours of a bucket', ([bucket]) => ({ bucket, from: START + 3.5 * HOUR, to: START + 6 * HOUR })],
  ['one device of a bucket', ([bucket]) => ({ bucket, device: deviceId(1) })],
  [
    'a slow device of a bucket, for a while',
    ([bucket]) => ({ bucket, device: deviceId(2), from: START + 90 * MINUTE, to: START + 26 * HOUR }),
  ],
  ['one stream of a device', ([bucket]) => ({ bucket, device: deviceId(0), stream: 'events' })],
  ['what is not compacted yet', ([bucket]) => ({ bucket, from: START + 25 * HOUR })],
  ['a whole bucket', ([, bucket]) => ({ bucket })],
  ['a device of every bucket', () => ({ device: deviceId(1) })],
  ['all of a product', () => ({})],
  ['a time without readings', ([bucket]) => ({ bucket, from: START - 10 * HOUR, to: START })],
];

describe('a deletion', () => {
  it.each(RANGES)('removes %s, and nothing else', async (_, of) => {
    const { store, model } = await filled();
    const range = of(store.buckets);
    await sweepAll(store, range);
    const left = model.filter((one) => !matches(one, range));
    for (const bucket of store.buckets) {
      const own = left.filter((one) => one.bucket === bucket);
      expect(await storedLines(store.session, store.product, { bucket })).toEqual(linesOf(own));
      expect(await countedByDay(store, bucket)).toBe(own.filter(({ ts }) => ts < START + 24 * HOUR).length);
    }
    // What comes later is merged as ever, and what was deleted stays away.
    store.clock.now += 26 * HOUR;
    await store.compact();
    for (const bucket of store.buckets) {
      const own = left.filter((one) => one.bucket === bucket);
      expect(await storedLines(store.session, store.product, { bucket, order: 'desc' })).toEqual(linesOf(own));
    }
  });

  it('waits for a compaction that is under way, and comes again where that takes long', async () => {
    const { store, model } = await filled();
    let killed = false;
    store.database.intercept((action) => {
      if (killed) throw new Error('killed');
      killed = action === 'PutItem';
    });
    store.clock.now += HOUR;
    await expect(store.compact()).rejects.toThrow('killed');
    store.database.intercept(() => undefined);
    const [bucket = ''] = store.buckets;
    waits.length = 0;
    await expect(sweepAll(store, { bucket })).rejects.toThrow('Other writes held the same items');
    expect(waits.reduce((sum, ms) => sum + ms, 0)).toBe(20_000);
    expect(await storedLines(store.session, store.product, { bucket })).toEqual(
      linesOf(model.filter((one) => one.bucket === bucket)),
    );
  });

  it('killed at any of its requests is finished by doing it again', { timeout: PATIENCE_MS }, async () => {
    let finished = false;
    for (let n = 0; !finished; n += stride(23)) {
      const { store, model } = await filled();
      const [bucket = '', other = ''] = store.buckets;
      const range = { bucket, device: deviceId(1), from: START + 5.5 * HOUR, to: START + 26 * HOUR };
      let asked = 0;
      store.database.intercept(() => {
        if (asked++ >= n) throw new Error('killed');
      });
      finished = await sweepAll(store, range).then(
        () => true,
        () => false,
      );
      store.database.intercept(() => undefined);
      await store.database.client.send(store.giveLeaseBack());
      await sweepAll(store, range);
      const left = model.filter((one) => !matches(one, range));
      for (const one of [bucket, other]) {
        const own = linesOf(left.filter((reading) => reading.bucket === one));
        expect(await storedLines(store.session, store.product, { bucket: one })).toEqual(own);
      }
    }
  });
});
