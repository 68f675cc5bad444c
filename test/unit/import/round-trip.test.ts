/** What is exported, imported into an empty account, and exported again, is the same; and the comparison that says so sees everything. */

import { gunzipSync, gzipSync } from 'node:zlib';
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { comparable } from '../../support/imports.ts';
import { build } from './build-account.ts';
import { FULL, type Plan, plan } from './generated.ts';
import { type Exported, openWorld } from './world.ts';

/** Accounts that are drawn: 1,000 in `npm run soak`. */
const ACCOUNTS = process.env.CUSTODIA_RUNS === undefined ? 20 : Math.ceil(Number(process.env.CUSTODIA_RUNS) / 5);

beforeAll(() => void vi.spyOn(console, 'log').mockImplementation(() => {}));
afterAll(() => void vi.restoreAllMocks());

/** There and back: the archive, the report, and what is the same of both exports, by the ids of the second account. */
async function roundTrip(of: Plan) {
  const world = openWorld();
  const [acme, globex] = [await world.openAccount(), await world.openAccount('Globex')];
  await build(world, acme, of);
  const first = await world.runExport(acme);
  const job = await world.runImport(globex, first.zip);
  const second = await world.runExport(globex);
  const mapping = new Map([...job.mapping, [acme.session.account, globex.session.account]]);
  return { first, job, expected: comparable(first.files, mapping), found: comparable(second.files) };
}

const lineCount = (name: string, bytes: Buffer): number =>
  (name.endsWith('.gz') ? gunzipSync(bytes) : bytes).toString().split('\n').length - 1;

const lines = ({ files }: Exported, like: RegExp): number =>
  [...files].reduce((sum, [name, bytes]) => sum + (like.test(name) ? lineCount(name, bytes) : 0), 0);

describe('an account that is exported and imported into an empty one', () => {
  it('is the same in the next export: names, numbers, properties, sources, times and every reading', async () => {
    const drawn = fc.asyncProperty(plan, async (of) => {
      const { first, job, expected, found } = await roundTrip(of);
      expect(job.status, JSON.stringify([job.error, job.problem])).toBe('succeeded');
      expect(found).toEqual(expected);
      expect(job.report).toMatchObject({
        created: {
          products: of.products.length,
          devices: lines(first, /devices\.ndjson$/),
          buckets: of.buckets.length,
          properties: lines(first, /properties\.ndjson$/),
          readings: lines(first, /readings\//),
        },
        expired: 0,
      });
    });
    await fc.assert(drawn, { numRuns: ACCOUNTS });
  });

  it('is the same with something of everything, and not for lack of it', async () => {
    const { first, job, expected, found } = await roundTrip(FULL);
    expect(job.status).toBe('succeeded');
    expect(found).toEqual(expected);
    const names = Object.keys(found);
    expect(names.filter((name) => name.includes('/readings/')).length).toBeGreaterThan(8);
    expect(lines(first, /readings\//)).toBeGreaterThan(200);
    expect(lines(first, /devices\.ndjson$/)).toBe(12);
  });
});

type Change = (line: Record<string, unknown>) => Record<string, unknown>;

/** By name: a file, and one value of its first line, or the line. */
const CHANGES: readonly [string, RegExp, Change][] = [
  ['a product’s name', /products\.ndjson$/, (line) => ({ ...line, name: `${line.name}.` })],
  ['a product’s description', /products\.ndjson$/, ({ description: _, ...line }) => line],
  ['when it was made', /products\.ndjson$/, (line) => ({ ...line, createdAt: '2020-01-01T00:00:00.000Z' })],
  ['when it was changed', /devices\.ndjson$/, (line) => ({ ...line, updatedAt: '2020-01-01T00:00:00.000Z' })],
  ['a device’s serial number', /devices\.ndjson$/, (line) => ({ ...line, serialNumber: 'other' })],
  ['a property’s name', /properties\.ndjson$/, (line) => ({ ...line, name: 'other' })],
  ['a property’s value', /properties\.ndjson$/, (line) => ({ ...line, value: { name: 'Uni' } })],
  ['what a property is on', /properties\.ndjson$/, (line) => ({ ...line, on: 'other' })],
  ['a reading’s value', /readings\//, (line) => ({ ...line, value: 'other' })],
  ['a reading’s ts', /readings\//, ({ ts, ...line }) => ({ ts: String(ts).replace(/\.\d{3}Z/, '.999Z'), ...line })],
  ['when a reading arrived', /readings\//, (line) => ({ ...line, receivedAt: '2020-01-01T00:00:00.000Z' })],
  ['a reading’s stream', /readings\//, (line) => ({ ...line, stream: 'other' })],
  ['a bucket’s source', /buckets\.ndjson$/, (line) => ({ ...line, source: { stream: 'other' } })],
  ['a bucket’s retention', /buckets\.ndjson$/, (line) => ({ ...line, retentionDays: 1000 })],
  ['a bucket’s time zone', /buckets\.ndjson$/, (line) => ({ ...line, timeZone: 'Asia/Tokyo' })],
];

function changed(files: ReadonlyMap<string, Buffer>, like: RegExp, change: (text: string) => string) {
  const [name = '', bytes = Buffer.alloc(0)] = [...files].find(([of]) => like.test(of)) ?? [];
  const isGzip = name.endsWith('.gz');
  const before = (isGzip ? gunzipSync(bytes) : bytes).toString();
  const after = change(before);
  expect(after).not.toBe(before);
  return new Map([...files, [name, isGzip ? gzipSync(after) : Buffer.from(after)]]);
}

describe('the comparison of two archives', () => {
  let archive: Exported;
  beforeAll(async () => {
    const world = openWorld();
    const acme = await world.openAccount();
    await build(world, acme, FULL);
    archive = await world.runExport(acme);
  });

  const differs = (files: ReadonlyMap<string, Buffer>) =>
    expect(comparable(files)).not.toEqual(comparable(archive.files));

  it.each(CHANGES)('finds another value of %s', (_, like, change) => {
    const ofFirst = (text: string) => {
      const [first = '', ...rest] = text.split('\n');
      return [JSON.stringify(change(JSON.parse(first))), ...rest].join('\n');
    };
    differs(changed(archive.files, like, ofFirst));
  });

  it.each([/products\.ndjson$/, /devices\.ndjson$/, /properties\.ndjson$/, /buckets\.ndjson$/, /readings\//])(
    'finds a line too few and one too many: %s',
    (like) => {
      differs(changed(archive.files, like, (text) => text.slice(text.indexOf('\n') + 1)));
      differs(changed(archive.files, like, (text) => text.slice(0, text.indexOf('\n') + 1) + text));
    },
  );

  it('finds a file too few, one too many, and readings in another order', () => {
    const [name = ''] = [...archive.files.keys()].filter((one) => one.includes('/readings/'));
    differs(new Map([...archive.files].filter(([one]) => one !== name)));
    differs(new Map([...archive.files, [name.replace(/\d{4}-/, '1999-'), archive.files.get(name) ?? Buffer.alloc(0)]]));
    const long = [...archive.files].find(([one, bytes]) => one.includes('/readings/') && lineCount(one, bytes) > 1);
    const turned = (text: string) => `${text.split('\n').slice(0, -1).reverse().join('\n')}\n`;
    differs(changed(archive.files, new RegExp(long?.[0] ?? ''), turned));
  });
});
