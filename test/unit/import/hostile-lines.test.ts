/** Archives that are whole, and hold what none may: each is refused by file and line, in plain words, and nothing is changed. */
import { afterAll, beforeAll, beforeEach, describe, expect, it, vi } from 'vitest';
import { newId } from '../../../shared/platform/ids.ts';
import { type Built, build } from './build-account.ts';
import { bagOf, type Files, type Line, textOf, withLine, withText } from './crafted.ts';
import { SMALL } from './generated.ts';
import { type Account, type ImportOptions, openWorld, type World } from './world.ts';

let world: World;
let acme: Account;
let built: Built;
let files: Files;
/** Has things of its own. */
let globex: Account;
let untouched: () => void;
beforeAll(async () => {
  vi.spyOn(console, 'log').mockImplementation(() => {});
  world = openWorld();
  acme = await world.openAccount();
  built = await build(world, acme, SMALL);
  files = (await world.runExport(acme)).files;
  globex = await world.openAccount('Globex');
  await build(world, globex, SMALL);
  untouched = world.database.snapshot();
});
beforeEach(() => untouched());
afterAll(() => void vi.restoreAllMocks());

const [PRODUCTS, DEVICES, BUCKETS, PROPERTIES] = ['products', 'devices', 'buckets', 'properties'].map(
  (kind) => `data/${kind}.ndjson`,
) as [string, string, string, string];
const readings = () => [...files.keys()].find((name) => name.includes('/readings/')) ?? '';

/** Words of people, and none of the machinery. */
const PLAIN = /^(?!.*(?:undefined|\[object|Invalid input|Error|issues|NaN)).{8,200}$/;

interface Problem {
  readonly file: string;
  readonly line?: number | undefined;
  readonly detail: RegExp;
}

async function refused(zip: Buffer, problem: Problem, how: ImportOptions = {}) {
  const [before, keys] = [world.state(), globex.keys.living()];
  world.asked.length = 0;
  const job = await world.runImport(globex, zip, how);
  const { detail, ...place } = problem;
  expect(job.problem, JSON.stringify(job.error)).toEqual({ ...place, detail: expect.stringMatching(detail) });
  expect(job.problem?.detail).toMatch(PLAIN);
  expect(job).toMatchObject({ status: 'failed', error: { code: 'validation' }, report: undefined });
  expect(world.state()).toEqual(before);
  expect(globex.keys.living()).toEqual(keys);
  expect(world.asked).toEqual([]);
}

/** Levels of arrays. */
const deep = (levels: number): unknown => JSON.parse('['.repeat(levels) + ']'.repeat(levels));
const raw = (line: Line, member: string) => `${JSON.stringify(line).slice(0, -1)},${member}}`;
const strange = (kind: 'product' | 'device' | 'bucket') => newId(kind);

/** By name: a file, what its first line is changed into, and how the refusal says so. */
const LINES: readonly [string, () => string, (line: Line) => Line | string, RegExp][] = [
  ['a line that is no JSON', () => DEVICES, () => '{"id":', /JSON/],
  ['a line without anything', () => DEVICES, () => '', /JSON/],
  ['a line that is a list', () => PRODUCTS, () => '[]', /object/],
  ['bytes that are no text', () => PRODUCTS, (line) => `${JSON.stringify(line)}\ufffe\u0000`, /JSON/],
  [
    'a line of ten megabytes',
    () => PROPERTIES,
    (line) => ({ ...line, value: 'a'.repeat(10_000_000) }),
    /A line has more than/,
  ],
  ['a value of seventy levels', () => PROPERTIES, (line) => ({ ...line, value: deep(70) }), /deeper/],
  ['a value of sixty-five levels', readings, (line) => ({ ...line, value: deep(65) }), /deeper/],
  ['a value of a million levels', readings, (line) => raw(line, `"x":${'['.repeat(1_000_000)}`), /deeper/],
  ['a member __proto__', () => DEVICES, (line) => raw(line, '"__proto__":{"name":"x"}'), /__proto__ is no member/],
  ['a member that no release knows', () => BUCKETS, (line) => ({ ...line, extra: 1 }), /extra is no member/],
  [
    'a source with another member',
    () => BUCKETS,
    (line) => ({ ...line, source: { account: 'x' } }),
    /account is no member/,
  ],
  ['a property called __proto__', () => PROPERTIES, (line) => ({ ...line, name: '__proto__' }), /name must be/],
  ['a property without a value', () => PROPERTIES, ({ value: _, ...line }) => line, /value is missing/],
  [
    'a property of nearly half a megabyte',
    () => PROPERTIES,
    (line) => ({ ...line, value: 'a'.repeat(400_000) }),
    /value has more than/,
  ],
  ['a property on nothing', () => PROPERTIES, (line) => ({ ...line, on: strange('device') }), /is on dev_\w+, which/],
  ['a name that is a number', () => PRODUCTS, (line) => ({ ...line, name: 1 }), /name must be of type string/],
  ['a name that is missing', () => DEVICES, ({ name: _, ...line }) => line, /name is missing/],
  ['a name that is empty', () => DEVICES, (line) => ({ ...line, name: '' }), /name/],
  [
    'a name of half a megabyte',
    () => PRODUCTS,
    (line) => ({ ...line, name: 'a'.repeat(500_000) }),
    /name must have at most/,
  ],
  [
    'a description of half a megabyte',
    () => DEVICES,
    (line) => ({ ...line, description: 'a'.repeat(500_000) }),
    /description must/,
  ],
  ['a name with control characters', () => BUCKETS, (line) => ({ ...line, name: 'a\u0007' }), /name must not/],
  [
    'a serial number that is too long',
    () => DEVICES,
    (line) => ({ ...line, serialNumber: 'a'.repeat(201) }),
    /serialNumber/,
  ],
  ['a retention of no days', () => BUCKETS, (line) => ({ ...line, retentionDays: 0 }), /retentionDays/],
  [
    'a retention of half a day',
    () => BUCKETS,
    (line) => ({ ...line, retentionDays: 0.5 }),
    /retentionDays must be of type int/,
  ],
  ['a time zone that is nowhere', () => BUCKETS, (line) => ({ ...line, timeZone: 'Moon/Sea' }), /timeZone is not/],
  ['an id of another kind', () => DEVICES, (line) => ({ ...line, id: line.product }), /id is not an id/],
  ['an id with a separator', () => PRODUCTS, (line) => ({ ...line, id: 'prd_#../x' }), /id is not an id/],
  [
    'a time that is none',
    () => PRODUCTS,
    (line) => ({ ...line, createdAt: '2026-02-30T00:00:00Z' }),
    /createdAt is no time/,
  ],
  [
    'a device of no product',
    () => DEVICES,
    (line) => ({ ...line, product: strange('product') }),
    /names the product prd_/,
  ],
  ['a stream with a slash', readings, (line) => ({ ...line, stream: 'a/b' }), /stream must be/],
  ['a reading before 1970', readings, (line) => ({ ...line, ts: '1969-12-31T23:59:59.999Z' }), /before 1970/],
  ['a reading in two days', readings, (line) => ({ ...line, ts: '2026-03-12T00:00:00.000Z' }), /24 hours ahead/],
  ['a reading of no time', readings, (line) => ({ ...line, ts: 'yesterday' }), /ts is no time/],
  ['a reading of another day', readings, (line) => ({ ...line, ts: '2026-01-01T00:00:00.000Z' }), /day of the file/],
  [
    'an arrival between seconds',
    readings,
    (line) => ({ ...line, receivedAt: '2026-03-01T00:00:00.001Z' }),
    /receivedAt/,
  ],
  ['an arrival of no time', readings, (line) => ({ ...line, receivedAt: '' }), /receivedAt/],
  ['a reading without a value', readings, ({ value: _, ...line }) => line, /value is required/],
  [
    'a reading of more than 128 KB',
    readings,
    (line) => ({ ...line, value: 'a'.repeat(131_072) }),
    /value has more than/,
  ],
  ['a member’s line that is none', () => 'data/account.json', (line) => ({ ...line, more: 1 }), /more is no member/],
];

describe('an archive with', () => {
  it.each(LINES)('%s: is refused', async (_, file, change, detail) => {
    await refused(await withLine(files, file(), change), { file: file(), line: 1, detail });
  });

  it.each([
    ['a product', () => PRODUCTS],
    ['a device', () => DEVICES],
    ['a bucket', () => BUCKETS],
  ])('%s twice: is refused at the second one', async (_, file) => {
    const text = textOf(files, file());
    const twice = `${text}${text.split('\n')[0]}\n`;
    await refused(await bagOf(withText(files, file(), twice)), {
      file: file(),
      line: twice.split('\n').length - 1,
      detail: /twice/,
    });
  });

  it('readings of a bucket or a device that it does not have is refused', async () => {
    const bytes = files.get(readings()) ?? Buffer.alloc(0);
    const [, , bucket = '', device = ''] = readings().split('/');
    for (const [id, other, detail] of [
      [bucket, strange('bucket'), /bucket that the archive/],
      [device, strange('device'), /device that the archive/],
    ] as const) {
      const file = readings().replace(id, other);
      await refused(await bagOf(new Map([...files, [file, bytes]])), { file, detail });
    }
  });

  it('readings of a device or a stream that the source of their bucket does not name is refused', async () => {
    const file = readings();
    const [, , bucket = '', device = ''] = file.split('/');
    const number =
      textOf(files, BUCKETS)
        .split('\n')
        .findIndex((line) => line.includes(bucket)) + 1;
    const other = built.devices.find(({ id }) => id !== device)?.id ?? '';
    for (const [source, line, detail] of [
      [{ device: other }, undefined, /source of its bucket/],
      [{ product: built.products[1] }, undefined, /source of its bucket/],
      [{ stream: 'nothing' }, 1, /stream is not one/],
    ] as const) {
      const zip = await withLine(files, BUCKETS, (of) => ({ ...of, source }), number);
      const place = line === undefined ? {} : { line };
      await refused(zip, { file: expect.stringMatching(bucket), ...place, detail });
    }
  });

  it('something wrong in the last line of the last file is refused before the first thing is made', async () => {
    const file = [...files.keys()].filter((name) => name.includes('/readings/')).at(-1) ?? '';
    const text = textOf(files, file);
    const zip = await bagOf(withText(files, file, `${text}{}`));
    await refused(zip, { file, line: text.split('\n').length, detail: /ts is missing/ }, { little: true });
  });
});

describe('an archive with names that mean something to JavaScript', () => {
  it('is imported to the letter', async () => {
    const value = { constructor: 1, nested: JSON.parse('{"__proto__":{"x":1}}') };
    const text = raw({ t: 1 }, '"__proto__":{"polluted":true}');
    const one = await withLine(files, PROPERTIES, (line) => ({ ...line, name: 'constructor', value }));
    const job = await world.runImport(globex, one);
    expect(job.status).toBe('succeeded');
    const zip = await withLine(files, readings(), (line) => raw({ ...line, value: undefined }, `"value":${text}`));
    expect(await world.runImport(globex, zip)).toMatchObject({
      status: 'succeeded',
      report: { created: { readings: 1 } },
    });
    const held = [...(await world.runExport(globex)).files];
    const texts = held.map(([name]) => textOf(new Map(held), name)).join('');
    expect(texts).toContain('"value":{"__proto__":{"polluted":true},"t":1}');
    expect(texts).toContain('"name":"constructor"');
    expect(texts).toContain('"nested":{"__proto__":{"x":1}}');
    expect({}).not.toHaveProperty('polluted');
  });
});

describe('ids of another account', () => {
  const of = (account: Account) =>
    Object.entries(world.state()).filter(([key]) => key.includes(account.session.account));

  it('become new ones, and that account stays untouched', async () => {
    const before = of(acme);
    const job = await world.runImport(globex, await bagOf(files));
    expect(job.status).toBe('succeeded');
    expect(job.mapping.size).toBe(built.products.length + built.devices.length + built.buckets.length);
    for (const [from, to] of job.mapping) expect(to).not.toBe(from);
    expect(of(acme)).toEqual(before);
    const mine = JSON.stringify((await world.runExport(globex)).files.get(DEVICES)?.toString());
    for (const { id } of built.devices) expect(mine).not.toContain(id);
  });

  it('that only a source names lead nowhere', async () => {
    const other = await world.runExport(acme, { kinds: ['buckets'] });
    const before = of(acme);
    const source = { product: built.products[0], device: built.devices[0]?.id };
    const job = await world.runImport(globex, await withLine(other.files, BUCKETS, (line) => ({ ...line, source })));
    expect(job).toMatchObject({
      status: 'succeeded',
      report: { created: { buckets: built.buckets.length, readings: 0 } },
    });
    expect(of(acme)).toEqual(before);
  });

  it('as the archive’s own account let nobody write into that account', async () => {
    const before = of(acme);
    const info = textOf(files, 'bag-info.txt').replace(acme.session.account, newId('account'));
    const job = await world.runImport(globex, await bagOf(withText(files, 'bag-info.txt', info)));
    // Its properties are on an account that it isn't of.
    expect(job.problem).toMatchObject({ file: PROPERTIES });
    expect(of(acme)).toEqual(before);
  });
});
