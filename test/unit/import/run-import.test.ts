/** Imports as jobs: all there is, once, whatever interrupts them; and again without a change. */
import { afterAll, beforeAll, beforeEach, describe, expect, it, vi } from 'vitest';
import { buckets } from '../../../shared/bucket/bucket-store.ts';
import { devices } from '../../../shared/device/device-store.ts';
import { cancelledJob } from '../../../shared/job/job.ts';
import { jobs } from '../../../shared/job/job-store.ts';
import { writeTogether } from '../../../shared/platform/entity.ts';
import { products } from '../../../shared/product/product-store.ts';
import { comparable } from '../../support/imports.ts';
import { type Built, build } from './build-account.ts';
import { FULL } from './generated.ts';
import { type Account, type Exported, type Imported, openWorld, type World } from './world.ts';

const ALL = { products: 3, devices: 12, buckets: 4, properties: 13, readings: 0 };
const NONE = { products: 0, devices: 0, buckets: 0, properties: 0, readings: 0 };
/** Readings in the archive of all. */
let all: typeof ALL;

let world: World;
let acme: Account;
let built: Built;
let archive: Exported;
let globex: Account;
let untouched: () => void;
beforeAll(async () => {
  vi.spyOn(console, 'log').mockImplementation(() => {});
  world = openWorld();
  acme = await world.openAccount();
  built = await build(world, acme, FULL);
  archive = await world.runExport(acme);
  untouched = world.database.snapshot();
  all = {
    ...ALL,
    readings: Object.values(comparable(archive.files))
      .flat()
      .filter((line) => line.startsWith('{"ts"')).length,
  };
});
beforeEach(async () => {
  untouched();
  globex = await world.openAccount('Globex');
});
afterAll(() => void vi.restoreAllMocks());

/** What the next export of the account holds. */
const holds = async (of: Account) => comparable((await world.runExport(of)).files);
/** What an archive holds, by the ids of an import of it. */
const asImported = ({ files }: Exported, { mapping }: Imported, to: Account) =>
  comparable(files, new Map([...mapping, [acme.session.account, to.session.account]]));
/** All that there is, but for the lists that imports leave. */
const keysOf = (state: object) => Object.keys(state).filter((key) => !key.endsWith('mapping.ndjson'));

describe('an import', () => {
  it('makes all there is, once, when it is killed after each step, in parts or not', async () => {
    for (const more of [{}, { operationsAPart: 12 }]) {
      globex = await world.openAccount();
      world.asked.length = 0;
      const job = await world.runImport(globex, archive.zip, { little: true, killEach: true, ...more });
      expect(job.status).toBe('succeeded');
      expect(job.histories.length).toBeGreaterThan(all.devices / 8 + archive.files.size);
      expect(job.parts > 3).toBe('operationsAPart' in more);
      expect(await holds(globex)).toEqual(asImported(archive, job, globex));
      // One is the account’s own: whether it was there before the interruption, nobody can tell.
      expect(job.report?.created).toEqual({ ...all, properties: all.properties - 1 });
      expect(job.report?.unchanged).toEqual({ ...NONE, properties: 1 });
      expect(job.progress.done).toBe(job.progress.total);
      const asked = new Set(world.asked.map((command) => JSON.stringify(command)));
      expect(asked.size).toBe(all.products + all.devices);
    }
  });

  it('counts what it made before it broke off as made, and goes on', async () => {
    let isBroken = true;
    // It is done, and only the answer is lost.
    const provision: Account['provision'] = async (request) => {
      const answer = await globex.provision(request);
      if (isBroken && request.command.kind === 'add-device' && world.asked.length > 9) throw new Error('out of order');
      return answer;
    };
    world.asked.length = 0;
    const first = await world.runImport({ ...globex, provision }, archive.zip, { little: true });
    expect(first).toMatchObject({ status: 'failed', error: { code: 'internal' }, problem: undefined });
    isBroken = false;
    const second = await world.runImport(globex, archive.zip, { id: first.id, retry: true });
    expect(second.report).toMatchObject({ created: all, unchanged: NONE });
    const asked = new Set(world.asked.map((command) => JSON.stringify(command)));
    expect(world.asked.length).toBeGreaterThan(asked.size);
    expect(asked.size).toBe(all.products + all.devices);
    expect(await holds(globex)).toEqual(asImported(archive, second, globex));
  });

  it('that is done again, as another or the same, changes nothing', async () => {
    const first = await world.runImport(globex, archive.zip);
    const [before, held] = [world.state(), await holds(globex)];
    for (const how of [{}, { id: first.id }]) {
      const again = await world.runImport(globex, archive.zip, how);
      expect(again).toMatchObject({ status: 'succeeded', report: { created: NONE, unchanged: all, kept: NONE } });
      expect(again.mapping).toEqual(first.mapping);
      expect(keysOf(world.state())).toEqual(keysOf(before));
    }
    expect(await holds(globex)).toEqual(held);
  });

  it('into the account that it came from changes nothing, though readings are fresh or merged', async () => {
    const [before, held] = [world.state(), await holds(acme)];
    for (const how of [{ killEach: true }, {}]) {
      const job = await world.runImport(acme, archive.zip, how);
      expect(job).toMatchObject({ status: 'succeeded', report: { created: NONE, unchanged: all, kept: NONE } });
      expect([...job.mapping].every(([from, to]) => from === to)).toBe(true);
    }
    expect(keysOf(world.state())).toEqual(keysOf(before));
    expect(await holds(acme)).toEqual(held);
  });

  it('keeps what is there and other, and says so', async () => {
    const first = await world.runImport(globex, archive.zip);
    const { session } = globex;
    const device = await devices.find(session, first.mapping.get(built.devices[0]?.id ?? '') ?? '');
    if (!device) throw new Error('It was not imported.');
    const renamed = devices.change(device, world.clock.now, { ...device.sealed, name: 'mine' });
    await writeTogether(session, await devices.replace(session, device, renamed));
    const held = await holds(globex);
    const again = await world.runImport(globex, archive.zip);
    expect(again.report).toMatchObject({ created: NONE, kept: { ...NONE, devices: 1 } });
    expect(again.report?.unchanged).toEqual({ ...all, devices: all.devices - 1 });
    expect(await holds(globex)).toEqual(held);
  });

  it('makes again what was deleted, under new ids, with its readings', async () => {
    const first = await world.runImport(globex, archive.zip);
    const held = await holds(globex);
    const { session, keys } = globex;
    const [product, device, bucket] = [built.products[1], built.devices[0]?.id, built.buckets[0]].map(
      (id) => first.mapping.get(id ?? '') ?? '',
    );
    const found = {
      product: await products.find(session, product ?? ''),
      device: await devices.find(session, device ?? ''),
      bucket: await buckets.find(session, bucket ?? ''),
    };
    if (!found.product || !found.device || !found.bucket) throw new Error('They were not imported.');
    await writeTogether(session, products.drop(session, found.product));
    await writeTogether(session, await devices.drop(session, found.device));
    await writeTogether(session, buckets.drop(session, found.bucket));
    await keys.destroy({ product: found.device.plain.product, device: found.device.plain.id });
    await keys.destroy({ bucket: found.bucket.plain.id });

    const again = await world.runImport(globex, archive.zip, { killEach: true });
    expect(again.report?.created).toMatchObject({ products: 1, devices: 1, buckets: 1 });
    // It collected from the device that is gone, and goes on doing so: what that device sent is not for it.
    expect(again.report?.kept).toMatchObject({ buckets: 1, readings: expect.any(Number) });
    expect(again.report?.kept.readings).toBeGreaterThan(100);
    for (const id of [built.products[1], built.devices[0]?.id, built.buckets[0]]) {
      expect(again.mapping.get(id ?? ''), id).toMatch(/^(?:prd|dev|bkt)_/);
      expect(again.mapping.get(id ?? ''), id).not.toBe(first.mapping.get(id ?? ''));
    }
    expect(again.mapping.get(built.products[0] ?? '')).toBe(first.mapping.get(built.products[0] ?? ''));
    const ofBucket = (of: object, id: string) => Object.keys(of).filter((name) => name.includes(`/${id}/`)).length;
    const after = await holds(globex);
    expect(ofBucket(after, bucket ?? '')).toBe(0);
    expect(ofBucket(after, again.mapping.get(built.buckets[0] ?? '') ?? '')).toBe(ofBucket(held, bucket ?? ''));
  });

  it('made by two at once is made once', async () => {
    const [one, two] = await Promise.all([
      world.runImport(globex, archive.zip, { little: true }),
      world.runImport(globex, archive.zip, { little: true }),
    ]);
    expect([one.status, two.status]).toEqual(['succeeded', 'succeeded']);
    expect(one.mapping).toEqual(two.mapping);
    expect(await holds(globex)).toEqual(asImported(archive, one, globex));
  });

  it('shows nothing of the customer’s in the history of its execution', async () => {
    const { histories } = await world.runImport(globex, archive.zip, { little: true });
    const text = histories.join('\n');
    for (const word of ['Thermometer', '長長', '70-B3', 'cellar', 'telemetry']) expect(text).not.toContain(word);
  });

  it('that is cancelled leaves what it has made, and is completed by another start', async () => {
    const cancel = async (step: number) => {
      const [job] = (await jobs.page(globex.session, 'import', { limit: 1 })).items;
      if (step === 8 && job)
        await writeTogether(globex.session, [
          await jobs.put(globex.session, jobs.change(job, world.clock.now, job.sealed, cancelledJob(job.plain, 1))),
        ]);
    };
    const first = await world.runImport(globex, archive.zip, { little: true, between: cancel });
    expect(first.status).toBe('cancelled');
    const second = await world.runImport(globex, archive.zip, { id: first.id });
    expect(second.status).toBe('succeeded');
    expect(await holds(globex)).toEqual(asImported(archive, second, globex));
  });
});
