/** What goes wrong around compaction, and that it costs no reading, nor stands in the way of the others. */
import { PutItemCommand, ThrottlingException } from '@aws-sdk/client-dynamodb';
import { marshall } from '@aws-sdk/util-dynamodb';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { NoKeyError } from '../../../../shared/keyring/keyring-errors.ts';
import { addToCatalog, readCatalogs } from '../../../../shared/readings/blocks/catalog-store.ts';
import type { Group } from '../../../../shared/readings/codec/block.ts';
import { compactDue } from '../../../../shared/readings/compaction/compact-due.ts';
import { holdsReadings } from '../../../../shared/readings/holds-readings.ts';
import { readSummaries } from '../../../../shared/readings/read-summaries.ts';
import { type Due, putDue } from '../../../../shared/work/due.ts';
import { sweep } from '../../../../shared/work/sweep.ts';
import { linesOf, type ModelReading, storedLines } from '../../../support/readings-model.ts';
import { deviceId, openStore, type Store } from './store.ts';

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;
const START = Date.parse('2026-03-02T20:10:00Z');

beforeEach(() => void vi.spyOn(console, 'log').mockImplementation(() => undefined));
afterEach(() => void vi.restoreAllMocks());
const logged = () => vi.mocked(console.log).mock.calls.map(([line]) => String(line));

/** A reading of each device and bucket, now. */
const some = (store: Store, devices = [0, 1], count = 2): Group[] =>
  devices.map((n) => ({
    device: deviceId(n),
    stream: 'telemetry',
    buckets: store.buckets,
    rows: Array.from({ length: count }, (_, i) => ({
      ts: store.clock.now + i * 1000,
      receivedAt: store.clock.now,
      value: { n, i },
    })),
  }));

async function expectHeld(store: Store, model: readonly ModelReading[]) {
  for (const bucket of store.buckets) {
    const own = linesOf(model.filter((one) => one.bucket === bucket));
    expect(await storedLines(store.session, store.product, { bucket })).toEqual(own);
  }
}

const workOf = ({ database }: Store) => ({ db: database.client, table: 'work' });
const dueOf = ({ database }: Store) =>
  database
    .items('work')
    .flatMap(({ pk, account }) => (account ? [String(pk?.S).split('#').slice(1, 3).join(' ')] : []));
/** Does one thing that is due, as the queue hands it over. */
function doing(store: Store) {
  const done = compactDue({ ...store.deps, work: workOf(store) });
  const { account } = store.session;
  return (due: Pick<Due, 'kind' | 'day'>) =>
    done([{ messageId: 'm', sentAt: 0, body: JSON.stringify({ ...due, account, product: store.product }) }]);
}

describe('compaction', () => {
  it('that DynamoDB throttles is due again, and done when that is over', async () => {
    const store = await openStore(START);
    const model = await store.ingest(some(store, [0, 1], 120));
    store.clock.now += HOUR;
    let left = 12;
    store.database.intercept((action, { TableName }) => {
      if (action !== 'PutItem' || TableName !== 'readings' || left-- <= 0) return;
      throw new ThrottlingException({ message: 'slow down', $metadata: {} });
    });
    expect(await doing(store)({ kind: 'compaction' })).toEqual({ failed: [] });
    expect(dueOf(store)).toContain('compaction 2026-03-02T22');
    await expectHeld(store, model);
    store.clock.now += HOUR;
    left = 0;
    expect(await doing(store)({ kind: 'compaction' })).toEqual({ failed: [] });
    await expectHeld(store, model);
    expect(await store.compact()).toBe('done');
  });

  it('without its keys writes nothing, and is made up for', async () => {
    const store = await openStore(START);
    const model = await store.ingest(some(store, [0, 1], 120));
    const before = store.database.items('readings').length;
    store.clock.now += HOUR;
    const away = vi.spyOn(store.keys, 'open').mockRejectedValue(new Error('KMS is away'));
    await expect(store.compact()).rejects.toThrow('KMS is away');
    // The lease alone.
    expect(store.database.items('readings').length).toBe(before + 1);
    away.mockRestore();
    store.clock.now += 7 * MINUTE;
    expect(await store.compact()).toBe('done');
    await expectHeld(store, model);
  });

  it('fails where a device’s key is missing, and loses nothing', async () => {
    const store = await openStore(START);
    const model = await store.ingest(some(store, [0, 1], 120));
    store.clock.now += HOUR;
    const { open } = store.keys;
    const missing = vi.spyOn(store.keys, 'open').mockImplementation(async (name) => {
      if ('device' in name && name.device === deviceId(0)) throw new NoKeyError('missing');
      return open(name);
    });
    await expect(store.compact()).rejects.toThrow('no such key');
    missing.mockRestore();
    await expectHeld(store, model);
    store.clock.now += 7 * MINUTE;
    await store.compact();
    await expectHeld(store, model);
  });

  it('leaves a device out whose key was destroyed, and its blocks and summaries stand in nobody’s way', async () => {
    const store = await openStore(START);
    const { session, product } = store;
    const first = await store.ingest(some(store, [0, 1], 120));
    store.clock.now += DAY;
    await store.compact();
    const second = await store.ingest(some(store, [0, 1], 120));
    await session.keys.destroy({ product, device: deviceId(0) });
    store.clock.now += DAY;
    await store.compact();
    const left = [...first, ...second].filter(({ device }) => device !== deviceId(0));
    await expectHeld(store, left);
    const [bucket = ''] = store.buckets;
    expect(await storedLines(session, product, { bucket, device: deviceId(0) })).toEqual([]);
    for (const device of [undefined, deviceId(0), deviceId(1)]) {
      const source = { bucket, products: [product], device, order: 'asc' as const, serves: () => true };
      const items = (await Array.fromAsync(readSummaries(session, source))).flatMap((chunk) => chunk.items);
      const devices = items.flatMap((item) =>
        item.kind === 'summary' ? item.summary.device : item.groups.map((g) => g.device),
      );
      expect(new Set(devices)).toEqual(new Set(device === deviceId(0) ? [] : [deviceId(1)]));
    }
  });

  it('passes a damaged block, which is counted, and stays', async () => {
    const store = await openStore(START);
    const damaged = await store.ingest(some(store, [0]));
    const [item] = store.database.items('readings').filter(({ pk }) => String(pk?.S).endsWith('#FRESH'));
    const bytes = Buffer.from(String(item?.s?.B), 'base64');
    bytes[bytes.length - 1] = 255 - (bytes.at(-1) ?? 0);
    await store.database.client.send(
      new PutItemCommand({
        TableName: 'readings',
        Item: { ...marshall({ pk: item?.pk?.S, sk: item?.sk?.S, n: 2, lo: 0, hi: 1e13 }), s: { B: bytes } },
      }),
    );
    const model = await store.ingest(some(store, [1], 120));
    expect(damaged).not.toEqual([]);
    await expectHeld(store, model);
    store.clock.now += HOUR;
    expect(await store.compact()).toBe('done');
    await expectHeld(store, model);
    expect(logged().some((line) => line.includes('"BlocksDamaged":1'))).toBe(true);
    expect(store.database.items('readings').some(({ sk }) => sk?.S === item?.sk?.S)).toBe(true);
  });

  it('waits for the release that knows a block of a later version', async () => {
    const store = await openStore(START);
    await store.ingest(some(store, [0]));
    const [item] = store.database.items('readings').filter(({ pk }) => String(pk?.S).endsWith('#FRESH'));
    const bytes = Buffer.from(String(item?.s?.B), 'base64');
    bytes[0] = 9;
    await store.database.client.send(
      new PutItemCommand({
        TableName: 'readings',
        Item: { ...marshall({ pk: item?.pk?.S, sk: item?.sk?.S, n: 2, lo: 0, hi: 1e13 }), s: { B: bytes } },
      }),
    );
    store.clock.now += HOUR;
    await expect(store.compact()).rejects.toThrow('version 9');
  });

  it('heals keys once a day', async () => {
    const store = await openStore(START);
    for (let hour = 0; hour < 50; hour++) {
      await store.ingest(some(store, [0]));
      store.clock.now += HOUR;
      await store.compact();
    }
    expect(store.healed).toHaveLength(2);
  });

  it('ends a day’s key two days later: its fresh blocks open for nobody, and all is readable', async () => {
    const store = await openStore(START);
    const { session, product } = store;
    const work = workOf(store);
    const run = sweep({
      work,
      now: () => store.clock.now,
      hand: async (due) => {
        for (const { kind, day } of due) await doing(store)(day === undefined ? { kind } : { kind, day });
      },
    });
    const { account } = session;
    await putDue(work, { kind: 'compaction', account, product }, '2026-03-02T21');
    const model = await store.ingest(some(store, [0, 1], 120));
    // Too early.
    await doing(store)({ kind: 'day-key', day: '2026-03-02' });
    expect(dueOf(store)).toContain('day-key 2026-03-02T22');
    expect(store.keys.living()).toContainEqual({ product, day: '2026-03-02' });
    for (const end = START + 5 * DAY; store.clock.now < end; store.clock.now += HOUR) await run();
    await expect(session.keys.open({ product, day: '2026-03-02' })).rejects.toThrow('destroyed');
    expect(store.keys.living().filter((name) => 'day' in name)).toEqual([]);
    await expectHeld(store, model);
    const [bucket = ''] = store.buckets;
    expect(await holdsReadings(session, [product], { buckets: [bucket] })).toBe(true);
    expect(await holdsReadings(session, [product], { buckets: store.buckets, device: deviceId(1) })).toBe(true);
    expect(await holdsReadings(session, [product], { buckets: store.buckets, device: deviceId(2) })).toBe(false);
  });

  it('that is busy elsewhere, or out of time, is due again', async () => {
    const store = await openStore(START);
    await store.ingest(some(store));
    store.clock.now += HOUR;
    store.database.intercept((action) => {
      if (action === 'Query') throw new Error('killed');
    });
    await expect(store.compact()).rejects.toThrow('killed');
    store.database.intercept(() => undefined);
    await doing(store)({ kind: 'compaction' });
    expect(dueOf(store)).toEqual(['compaction 2026-03-02T22']);
  });
});

describe('a catalog', () => {
  it('takes more devices at once than an item holds', async () => {
    const store = await openStore(START);
    const of = { product: store.product, bucket: store.buckets[0] as string };
    const random = () =>
      Array.from({ length: 26 }, () => '0123456789abcdefghjkmnpqrstvwxyz'[Math.floor(Math.random() * 32)]).join('');
    const ids = Array.from({ length: 30_000 }, () => `dev_${random()}`);
    const added = new Map(ids.map((id) => [id, 1 << 24]));
    await addToCatalog(store.session, of, { day: '2026-03-02', added, ttl: undefined });
    const more = new Map([...added].slice(0, 10).map(([id]) => [id, 1 << 3]));
    await addToCatalog(store.session, of, { day: '2026-03-02', added: more, ttl: undefined });
    const range = { from: '2026-03-02', to: '2026-03-02', order: 'asc' as const };
    const [day] = await Array.fromAsync(readCatalogs(store.session, of, range));
    expect(day?.catalog).toEqual(new Map([...added].map(([id, mask], i) => [id, i < 10 ? mask | (1 << 3) : mask])));
  });
});
