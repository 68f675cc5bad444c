/** Compaction: the same readings before, meanwhile and after, whatever happens to whoever does it. */
import { randomBytes } from 'node:crypto';
import { DeleteItemCommand } from '@aws-sdk/client-dynamodb';
import { describe, expect, it } from 'vitest';
import type { Group } from '../../../../shared/readings/codec/block.ts';
import { compactProduct } from '../../../../shared/readings/compaction/compact-product.ts';
import { linesOf, type ModelReading, storedLines } from '../../../support/readings-model.ts';
import { deviceId, openStore, type Store } from './store.ts';

const START = Date.parse('2026-03-02T00:00:00Z');
const MINUTE = 60_000;
const HOUR = 60 * MINUTE;
const device = deviceId;

/** Readings of some hours, a batch every 10 minutes: device 0 sends `rate` of them, one in 10 s, the others send one. */
async function feed(
  store: Store,
  { hours, devices = 3, rate = 60 }: { hours: number; devices?: number; rate?: number },
): Promise<ModelReading[]> {
  const model: ModelReading[] = [];
  for (const end = store.clock.now + hours * HOUR; store.clock.now < end; store.clock.now += 10 * MINUTE) {
    const groups = Array.from({ length: devices }, (_, n): Group => {
      const count = n === 0 ? rate : 1;
      const rows = Array.from({ length: count }, (_, i) => ({
        ts: store.clock.now - 5000 + i * 10_000,
        receivedAt: store.clock.now + 700,
        value: { n, t: i / 10, at: store.clock.now % 7 },
      }));
      return { device: device(n), stream: n % 2 ? 'events' : 'telemetry', buckets: store.buckets, rows };
    });
    model.push(...(await store.ingest(groups)));
  }
  return model;
}

const inBucket = (model: ModelReading[], bucket: string) => linesOf(model.filter((one) => one.bucket === bucket));

async function expectAll(store: Store, model: ModelReading[], buckets = store.buckets) {
  for (const bucket of buckets) {
    for (const order of ['asc', 'desc'] as const) {
      expect(await storedLines(store.session, store.product, { bucket, order })).toEqual(inBucket(model, bucket));
    }
    for (const sender of [device(0), device(1)]) {
      const own = linesOf(model.filter((one) => one.bucket === bucket && one.device === sender));
      expect(await storedLines(store.session, store.product, { bucket, device: sender, order: 'desc' })).toEqual(own);
    }
  }
}

const isWrite = (action: string) => !/^(Get|BatchGet|Query)/.test(action);

const partitions = (store: Store, part: string) =>
  store.database.items('readings').filter(({ pk }) => String(pk?.S).includes(part));

describe('compaction', () => {
  it('merges an hour that has closed into blocks, and leaves the open one', async () => {
    const store = await openStore(START);
    const model = await feed(store, { hours: 2.5 });
    expect(await store.compact()).toBe('done');
    await expectAll(store, model);
    const blocks = partitions(store, `#${device(0)}`).map(({ sk }) => sk?.S);
    expect([...new Set(blocks)].sort()).toEqual(['2026-03-02T00', '2026-03-02T01']);
    // Slow devices wait for the day to close.
    expect(partitions(store, `#${device(1)}`)).toEqual([]);
    expect(partitions(store, '#BUNDLE')).not.toEqual([]);
    expect(store.dues).toEqual(['opened 2026-03-02']);
  });

  it('closes a day: slow devices get a day block', async () => {
    const store = await openStore(START + 20 * HOUR);
    const model = await feed(store, { hours: 4 });
    store.clock.now += 5 * MINUTE;
    await store.compact();
    await expectAll(store, model);
    expect(partitions(store, `#${device(1)}`).map(({ sk }) => sk?.S)).toContain('2026-03-02');
    expect(store.dues).toContain('closed 2026-03-02');
  });

  it('twice changes nothing, and reads nearly nothing', async () => {
    const store = await openStore(START);
    await feed(store, { hours: 2 });
    store.clock.now += 5 * MINUTE;
    await store.compact();
    const before = partitions(store, '#R#');
    store.database.resetTally();
    await store.compact();
    expect(partitions(store, '#R#')).toEqual(before);
    expect(store.database.tally.itemsWritten).toBe(2);
  });

  it('takes late readings into the hour that they belong to', async () => {
    const store = await openStore(START + 20 * HOUR);
    const model = await feed(store, { hours: 5 });
    store.clock.now += 5 * MINUTE;
    await store.compact();
    const ts = Date.parse('2025-03-02T10:00:00Z');
    const rows = Array.from({ length: 150 }, (_, i) => ({ ts: ts + i * 1000, receivedAt: store.clock.now, value: i }));
    const late = [{ device: device(0), stream: 'telemetry', buckets: store.buckets, rows }];
    const few = [{ device: device(1), stream: 'events', buckets: store.buckets, rows: rows.slice(0, 3) }];
    model.push(...(await store.ingest(late)), ...(await store.ingest(few)));
    store.clock.now += 2 * HOUR;
    await store.compact();
    await expectAll(store, model);
    store.clock.now += 24 * HOUR;
    await store.compact();
    await expectAll(store, model);
    expect(partitions(store, `#${device(0)}`).map(({ sk }) => sk?.S)).toContain('2025-03-02T10');
    expect(partitions(store, `#${device(1)}`).map(({ sk }) => sk?.S)).toContain('2025-03-02');
  });

  it('that runs out of time goes on where it was', async () => {
    const store = await openStore(START);
    const model = await feed(store, { hours: 3 });
    store.clock.now += 5 * MINUTE;
    expect(await store.compact(store.clock.now - 1)).toBe('more');
    await expectAll(store, model);
    expect(await store.compact()).toBe('done');
    await expectAll(store, model);
  });

  it('is done by one at a time; a lease that nobody gave back ends', async () => {
    const store = await openStore(START);
    const model = await feed(store, { hours: 1 });
    store.clock.now += 5 * MINUTE;
    let killed = false;
    store.database.intercept((action) => {
      if (killed) throw new Error('killed');
      killed = action === 'PutItem';
    });
    await expect(store.compact()).rejects.toThrow('killed');
    store.database.intercept(() => undefined);
    expect(await store.compact()).toBe('busy');
    store.clock.now += 7 * MINUTE;
    expect(await store.compact()).toBe('done');
    await expectAll(store, model);
  });

  it('killed at any of its writes is made up for by the next', async () => {
    const store = await openStore(START + 23 * HOUR);
    // So few readings as fill an hour block.
    const model = await feed(store, { hours: 1.1, devices: 2, rate: 18 });
    const closed = store.clock.now + 5 * MINUTE;
    const restore = store.database.snapshot();
    const [bucket = ''] = store.buckets;
    let finished = false;
    for (let n = 0; !finished; n++) {
      restore();
      store.clock.now = closed;
      let written = 0;
      let dead = false;
      // What the dying function has written arrives; what it would write doesn't. Dead after one is dead before the next, and dead
      // at a read leaves what dead at the next write leaves.
      store.database.intercept((action) => {
        dead ||= isWrite(action) && written++ >= n;
        if (dead) throw new Error('killed');
      });
      finished = await store.compact().then(
        () => true,
        () => false,
      );
      store.database.intercept(() => undefined);
      expect(await storedLines(store.session, store.product, { bucket })).toEqual(inBucket(model, bucket));
      store.clock.now += 7 * MINUTE;
      expect(await store.compact()).toBe('done');
      await expectAll(store, model, [bucket]);
    }
  });

  it('by two at once, past a lease, loses nothing', async () => {
    const store = await openStore(START);
    const model = await feed(store, { hours: 2 });
    store.clock.now += 5 * MINUTE;
    // As if leases didn't hold: each believes itself alone.
    const careless = { ...store.deps, newOwner: () => 'the same' };
    const { account } = store.session;
    const run = () =>
      compactProduct(careless)({ account, product: store.product, deadline: Number.POSITIVE_INFINITY }).catch(
        () => 'failed',
      );
    await Promise.all([run(), run(), run()]);
    await expectAll(store, model);
    store.clock.now += 7 * MINUTE;
    await store.compact();
    await expectAll(store, model);
  });

  it('divides what outgrows an item, and reads it back', async () => {
    const store = await openStore(START);
    const noise = () => randomBytes(30_000).toString('base64');
    const model: ModelReading[] = [];
    for (let i = 0; i < 120; i++) {
      store.clock.now += 20_000;
      const rows = [{ ts: store.clock.now, receivedAt: store.clock.now, value: noise() }];
      model.push(
        ...(await store.ingest([{ device: device(0), stream: 'images', buckets: store.buckets.slice(0, 1), rows }])),
      );
    }
    store.clock.now += HOUR;
    await store.compact();
    await expectAll(store, model);
    expect(partitions(store, `#${device(0)}`).length).toBeGreaterThan(1);
  });

  it('keeps nothing of a bucket that is gone', async () => {
    const store = await openStore(START);
    await feed(store, { hours: 1 });
    const [kept = '', gone = ''] = store.buckets;
    await store.database.client.send(
      new DeleteItemCommand({
        TableName: 'entities',
        Key: { pk: { S: `A#${store.session.account}#BUCKETS` }, sk: { S: gone } },
      }),
    );
    store.clock.now += 5 * MINUTE;
    await store.compact();
    expect(partitions(store, `#R#${kept}#`)).not.toEqual([]);
    expect(partitions(store, `#R#${gone}#`)).toEqual([]);
  });
});
