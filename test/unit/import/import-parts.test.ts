/** What an import brings in of a part of an account, and doesn’t of what is over or not allowed; and dry runs, which write nothing. */
import { afterAll, beforeAll, beforeEach, describe, expect, it, vi } from 'vitest';
import { comparable } from '../../support/imports.ts';
import { type Built, build } from './build-account.ts';
import { FULL } from './generated.ts';
import { type Account, type Exported, type Imported, openWorld, type World } from './world.ts';

const DAY = 86_400_000;
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

describe('a part of an account', () => {
  const part = (scope: object) => world.runExport(acme, { scope } as Parameters<World['runExport']>[1]);

  it.each([
    ['a product', () => ({ product: built.products[0] })],
    ['a product without devices', () => ({ product: built.products[1] })],
    ['a device', () => ({ device: built.devices[0]?.id })],
    ['a bucket', () => ({ bucket: built.buckets[0] })],
    ['a device in a bucket', () => ({ bucket: built.buckets[0], device: built.devices[2]?.id })],
  ])('%s: is imported, and the whole account after it makes the rest', async (_, scope) => {
    const some = await part(scope());
    const job = await world.runImport(globex, some.zip);
    expect(job.status, JSON.stringify([job.error, job.problem])).toBe('succeeded');
    expect(job.report).toMatchObject({ unchanged: NONE, kept: NONE });
    const held = await holds(globex);
    const expected = asImported(some, job, globex);
    for (const [name, lines] of Object.entries(expected)) expect(held[name], name).toEqual(lines);

    const whole = await world.runImport(globex, archive.zip);
    expect(whole.report).toMatchObject({ unchanged: { ...job.report?.created }, kept: NONE });
    expect(await holds(globex)).toEqual(asImported(archive, whole, globex));
  });

  it('that was exported with fewer rights holds less, and is imported as it is', async () => {
    const { zip } = await world.runExport(acme, { kinds: ['products', 'devices', 'buckets'] });
    const job = await world.runImport(globex, zip);
    expect(job.report?.created).toEqual({ ...all, properties: 0, readings: 0 });
  });

  it('of which the products are lacking is refused, for nobody knows of what its devices are', async () => {
    const { zip } = await world.runExport(acme, { kinds: ['devices', 'readings'] });
    const job = await world.runImport(globex, zip);
    expect(job.problem).toMatchObject({
      file: 'data/devices.ndjson',
      line: 1,
      detail: expect.stringMatching(/product/),
    });
  });
});

describe('what is not brought in', () => {
  it('are readings of which the retention is over: they are counted', async () => {
    const begun = world.clock.now;
    world.clock.now += 6 * DAY;
    const job = await world.runImport(globex, archive.zip);
    const held = await world.runExport(globex);
    world.clock.now = begun;
    const { expired = 0, created } = job.report ?? {};
    expect(expired).toBeGreaterThan(5);
    expect(created?.readings).toBe(all.readings - expired);
    const lines = Object.values(comparable(held.files)).flat();
    expect(lines.filter((line) => line.startsWith('{"ts"'))).toHaveLength(all.readings - expired);
  });

  it('are the account’s own properties, for whoever may not write them', async () => {
    const job = await world.runImport(globex, archive.zip, { rights: ['products.write', 'devices.write'] });
    expect(job.report?.kept).toEqual({ ...NONE, properties: 1 });
    expect((await holds(globex))['data/properties.ndjson']?.join('')).not.toContain('Ünï');
  });
});

describe('a dry run', () => {
  it('writes nothing at all, and says what the import then makes', async () => {
    const before = world.state();
    world.asked.length = 0;
    const dry = await world.runImport(globex, archive.zip, { dryRun: true, killEach: true });
    expect(world.state()).toEqual(before);
    expect(globex.keys.living()).toEqual([]);
    expect(world.asked).toEqual([]);
    expect(dry).toMatchObject({ status: 'succeeded', report: { created: all } });
    const real = await world.runImport(globex, archive.zip, { id: dry.id });
    expect(real.report).toEqual(dry.report);
  });

  it('agrees with the import where some of it is there, the same or other', async () => {
    const some = await world.runExport(acme, { scope: { product: built.products[0] ?? '' } });
    await world.runImport(globex, some.zip);
    const before = world.state();
    const dry = await world.runImport(globex, archive.zip, { dryRun: true });
    expect(world.state()).toEqual(before);
    const real = await world.runImport(globex, archive.zip, { id: dry.id });
    const without = (counts: object | undefined) => ({ ...counts, readings: 0 });
    for (const fate of ['created', 'unchanged', 'kept'] as const)
      expect(without(dry.report?.[fate]), fate).toEqual(without(real.report?.[fate]));
    // It looks into no block: it counts those that are there among the others.
    const { created, unchanged } = real.report ?? {};
    expect(dry.report?.created.readings).toBe((created?.readings ?? 0) + (unchanged?.readings ?? 0));
    expect(unchanged?.readings).toBeGreaterThan(0);
  });
});
