/** Deletions as jobs, of every kind: what goes, what stays, which keys are destroyed; cut into short parts, killed, and two at once. */
import { ulid } from 'ulid';
import { beforeAll, describe, expect, it } from 'vitest';
import { buckets } from '../../../shared/bucket/bucket-store.ts';
import type { DeletionInput } from '../../../shared/deletion/deletion.ts';
import { deletionJob } from '../../../shared/deletion/run-deletion.ts';
import { deviceKey } from '../../../shared/device/device-keys.ts';
import { devices } from '../../../shared/device/device-store.ts';
import { queuedJob } from '../../../shared/job/job.ts';
import type { JobEvent } from '../../../shared/job/job-event.ts';
import { jobKey } from '../../../shared/job/job-keys.ts';
import { jobs } from '../../../shared/job/job-store.ts';
import { runJob } from '../../../shared/job/run-job.ts';
import { writeTogether } from '../../../shared/platform/entity.ts';
import { newId } from '../../../shared/platform/ids.ts';
import type { ProvisionerRequest } from '../../../shared/provisioning/provisioner-protocol.ts';
import type { Group } from '../../../shared/readings/codec/block.ts';
import { keepReadings } from '../../../shared/readings/keep-readings.ts';
import { someOf } from '../../support/effort.ts';
import { kindsWith } from '../../support/job-kinds.ts';
import { linesOf, type ModelReading, storedLines } from '../../support/readings-model.ts';
import { execution } from '../job/memory-durable.ts';
import { deviceId, openStore, type Store } from '../readings/compaction/store.ts';

const START = Date.parse('2026-03-02T00:00:00Z');
const HOUR = 3_600_000;
const OTHER_DEVICE = deviceId(99);

interface House {
  readonly store: Store;
  /** Made after the store's own, so that it comes later in the order of ids. */
  readonly other: string;
  readonly model: readonly (ModelReading & { product: string })[];
}

let house: House;
let restore: () => void;
beforeAll(async () => {
  house = await fill();
  const { database, keys } = house.store;
  const restores = [database.snapshot(), keys.snapshot()];
  restore = () => {
    for (const one of restores) one();
  };
});
/** As it was filled, for another process. */
function filled(): House {
  restore();
  house.store.restart();
  return house;
}

/** A day that is compacted and some hours that aren't, in two products. */
async function fill(): Promise<House> {
  const store = await openStore(START);
  const { session, clock } = store;
  const other = newId('product');
  const entity = devices.make(
    deviceKey(session.account, other, OTHER_DEVICE),
    0,
    { id: OTHER_DEVICE, product: other, number: 1 },
    { name: 'd' },
  );
  await writeTogether(session, await devices.add(session, entity));
  const model: (ModelReading & { product: string })[] = [];
  const groupOf = (device: string, n: number): Group => ({
    device,
    stream: 's',
    buckets: store.buckets,
    rows: Array.from({ length: n }, (_, i) => ({ ts: clock.now + i * 20_000, receivedAt: clock.now, value: i })),
  });
  for (let hour = 0; hour < 27; hour++) {
    // So many as fill an hour block in a part of the hours, few else.
    const groups = [groupOf(deviceId(0), hour % 6 === 0 || hour > 24 ? 120 : 5), groupOf(deviceId(1), 3)];
    model.push(...(await store.ingest(groups)).map((reading) => ({ ...reading, product: store.product })));
    const elsewhere = groupOf(OTHER_DEVICE, 3);
    const numbers = new Map([[OTHER_DEVICE, 1]]);
    await keepReadings(session, { product: other, groups: [elsewhere], numbers }, () => ulid(clock.now));
    for (const bucket of store.buckets)
      for (const { ts, value } of elsewhere.rows)
        model.push({ bucket, device: OTHER_DEVICE, stream: 's', ts, value, product: other });
    clock.now += HOUR;
    if (hour === 24) {
      clock.now += 5 * 60_000;
      expect(await store.compact()).toBe('done');
    }
  }
  // More than a page of what waits.
  for (let n = 0; n < 600; n++) {
    clock.now += 1000;
    const one = { ...groupOf(deviceId(1), 1), stream: 'often' };
    model.push(...(await store.ingest([one])).map((reading) => ({ ...reading, product: store.product })));
  }
  return { store, other, model };
}

/** Its job from the beginning to the end, part by part. */
async function run(
  { store }: House,
  input: DeletionInput,
  options: { operationsAPart?: number; killAt?: number } = {},
) {
  const { session, clock } = store;
  const id = newId('deletion');
  const job = jobs.make(jobKey(session.account, 'deletion', id), clock.now, queuedJob(id, 'deletion', 'products'), {
    input,
  });
  await writeTogether(session, [await jobs.put(session, job)]);
  const removed: ProvisionerRequest[] = [];
  const provision = async (request: ProvisionerRequest) => {
    removed.push(request);
    return { done: true as const };
  };
  const started: JobEvent[] = [];
  const code = runJob({
    kinds: kindsWith({ deletion: deletionJob({ provision }) }),
    openSession: async () => store.session,
    startExecution: async (event) => void started.push(JSON.parse(JSON.stringify(event))),
    now: () => clock.now,
    ...(options.operationsAPart === undefined ? {} : { operationsAPart: options.operationsAPart }),
  });
  const { account } = session;
  const first: JobEvent = { account, kind: 'deletion', job: id, attempt: 1, part: 1, order: 'order' };
  const waits: number[] = [];
  for (let event = first, next: JobEvent | undefined = first; next; event = next) {
    const begun = started.length;
    const one = execution((durable) => code(event, durable), options.killAt ? { killAt: options.killAt } : {});
    await one.run();
    waits.push(...one.waits);
    next = started.length > begun ? started.at(-1) : undefined;
    if (!next) break;
  }
  const ended = await jobs.find(session, 'deletion', id);
  return { status: ended?.plain.status, progress: ended?.plain.progress, parts: started.length + 1, waits, removed };
}

const ALL_KINDS: readonly [
  string,
  (house: House) => DeletionInput,
  (reading: House['model'][number], house: House) => boolean,
][] = [
  [
    'a range of a bucket',
    ({ store: { buckets: of, product }, other }) => ({
      of: 'range',
      bucket: of[0] ?? '',
      products: [other, product],
      from: START + 5 * HOUR,
      to: START + 26 * HOUR,
    }),
    ({ bucket, ts }, { store }) => bucket === store.buckets[0] && ts >= START + 5 * HOUR && ts < START + 26 * HOUR,
  ],
  [
    'a bucket',
    ({ store: { buckets: of, product }, other }) => ({ of: 'bucket', bucket: of[1] ?? '', products: [product, other] }),
    ({ bucket }, { store }) => bucket === store.buckets[1],
  ],
  [
    'a device',
    ({ store: { product, buckets: of } }) => ({ of: 'device', device: deviceId(1), product, buckets: [...of] }),
    ({ device }) => device === deviceId(1),
  ],
  [
    'a product',
    ({ store: { product, buckets: of } }) => ({ of: 'product', product, buckets: [...of] }),
    ({ product }, { store }) => product === store.product,
  ],
  [
    'nothing, where a retention has changed',
    ({ store: { buckets: of, product }, other }) => ({
      of: 'retention',
      bucket: of[0] ?? '',
      products: [product, other],
    }),
    () => false,
  ],
];

async function expectLeft({ store, other, model }: House, isGone: (reading: House['model'][number]) => boolean) {
  for (const bucket of store.buckets) {
    for (const product of [store.product, other]) {
      const left = model.filter((one) => one.bucket === bucket && one.product === product && !isGone(one));
      expect(await storedLines(store.session, product, { bucket })).toEqual(linesOf(left));
    }
  }
}

const places = (store: Store, part: string) =>
  store.database.items('readings').filter(({ pk }) => String(pk?.S).includes(part));

describe('a deletion', () => {
  it('of a range passes by what a device left whose key is destroyed', async () => {
    const before = filled();
    const { product, session, buckets: of } = before.store;
    const [bucket = ''] = of;
    await session.keys.destroy({ product, device: deviceId(1) });
    const [from, to] = [START + 5.5 * HOUR, START + 7 * HOUR];
    const ended = await run(before, { of: 'range', bucket, products: [product], from, to });
    expect(ended).toMatchObject({ status: 'succeeded' });
    const left = before.model.filter(
      (one) =>
        one.bucket === bucket &&
        one.product === product &&
        one.device === deviceId(0) &&
        (one.ts < from || one.ts >= to),
    );
    expect(await storedLines(session, product, { bucket, device: deviceId(0) })).toEqual(linesOf(left));
  });

  it.each(ALL_KINDS)('removes %s, and nothing else, however short its parts are', async (_, inputOf, isGone) => {
    for (const operationsAPart of someOf([undefined, 5, 3], 2)) {
      const before = filled();
      const ended = await run(before, inputOf(before), operationsAPart === undefined ? {} : { operationsAPart });
      const all = inputOf(before);
      const total = 'products' in all ? all.products.length : 1;
      expect(ended).toMatchObject({ status: 'succeeded', progress: { done: total, total } });
      await expectLeft(before, (reading) => isGone(reading, before));
    }
  });

  it.each(ALL_KINDS)('of %s ends the same, killed after any step', async (_, inputOf, isGone) => {
    for (const killAt of someOf([1, 2, 3, 4, 5, 6], 3)) {
      const before = filled();
      expect(await run(before, inputOf(before), { killAt })).toMatchObject({ status: 'succeeded' });
      await expectLeft(before, (reading) => isGone(reading, before));
    }
  });

  it('waits for what is in flight, and longer where a compaction may know the retention of before', async () => {
    const waits = [];
    for (const [, inputOf] of ALL_KINDS) waits.push((await run(filled(), inputOf(house))).waits);
    expect(waits).toEqual([[], [45], [45], [45], [360]]);
  });

  it('of a product takes all its devices, a few a step, by its order, and destroys the key of each', async () => {
    const before = filled();
    const { product, session, keys, buckets: of } = before.store;
    const all = Array.from({ length: 20 }, (_, n) => deviceId(n));
    for (const device of all) await session.keys.ensure({ product, device });
    const { removed } = await run(before, { of: 'product', product, buckets: [...of] });
    expect(removed.map((request) => 'order' in request && request.order)).toEqual(all.map(() => 'order'));
    expect(removed.map(({ command }) => 'device' in command && command.device).toSorted()).toEqual(all);
    expect((await devices.page(session, { product, limit: 5 })).items).toEqual([]);
    expect(keys.living().filter((name) => 'device' in name && name.product === product)).toEqual([]);
    expect(places(before.store, `#P#${product}#R#`)).toEqual([]);
    expect(places(before.store, `#P#${product}#S#`)).toEqual([]);
  });

  it('of a product destroys a device’s key also where it broke off before the device was gone', async () => {
    const before = filled();
    const { product, session, keys, database, buckets: of } = before.store;
    const device = deviceId(7);
    await session.keys.ensure({ product, device });
    let failed = false;
    database.intercept((action, input) => {
      if (failed || action !== 'TransactWriteItems' || !JSON.stringify(input).includes(device)) return;
      failed = true;
      throw new Error('killed');
    });
    await run(before, { of: 'product', product, buckets: [...of] });
    database.intercept(() => undefined);
    expect(failed).toBe(true);
    expect((await devices.page(session, { product, limit: 5 })).items).toEqual([]);
    expect(keys.living().filter((name) => 'device' in name && name.product === product)).toEqual([]);
  });

  it('of a product takes the device, too, that was being made when the product went', async () => {
    const before = filled();
    const { product, session, clock, buckets: of } = before.store;
    const late = deviceId(50);
    let isMade = false;
    const { database } = before.store;
    // As the last of those that were there goes.
    database.intercept(async (action) => {
      if (isMade || action !== 'TransactWriteItems') return;
      if ((await devices.page(session, { product, limit: 2 })).items.length !== 1) return;
      isMade = true;
      const plain = { id: late, product, number: 50 };
      const entity = devices.make(deviceKey(session.account, product, late), clock.now, plain, { name: 'late' });
      await writeTogether(session, await devices.add(session, entity));
    });
    await run(before, { of: 'product', product, buckets: [...of] });
    database.intercept(() => undefined);
    expect(isMade).toBe(true);
    expect((await devices.page(session, { product, limit: 5 })).items).toEqual([]);
  });

  it('of a bucket destroys its key, and leaves no catalog and no block', async () => {
    const before = filled();
    const { keys, buckets: of, product } = before.store;
    const [, bucket = ''] = of;
    await run(before, { of: 'bucket', bucket, products: [product, before.other] });
    expect(keys.living()).not.toContainEqual({ bucket });
    expect(places(before.store, `#${bucket}`)).toEqual([]);
  });

  it.each([
    ['product first', 0],
    ['bucket first', 1],
  ])('finds what another that runs at the same time has deleted: %s', async (_, first) => {
    const before = filled();
    const { store, other } = before;
    const { session, product, buckets: of } = store;
    const [, bucket = ''] = of;
    const inputs: DeletionInput[] = [
      { of: 'product', product, buckets: [...of] },
      { of: 'bucket', bucket, products: [product, other] },
    ];
    const entity = await buckets.find(session, bucket);
    if (entity) await writeTogether(session, await buckets.drop(session, entity));
    for (const input of first === 0 ? inputs : inputs.toReversed()) await run(before, input);
    expect(places(store, `#P#${product}#R#`)).toEqual([]);
    expect(places(store, `#P#${product}#S#`)).toEqual([]);
    expect(places(store, `#${bucket}`)).toEqual([]);
  });
});
