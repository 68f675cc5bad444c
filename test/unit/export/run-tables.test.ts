/** Exports of tables as jobs: the same content however short their steps are and wherever they are killed, and nothing in the history. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { parse } from 'csv-parse/sync';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { JsonNumber, type JsonValue, stringifyJson } from '../../../shared/platform/json-value.ts';
import type { Group } from '../../../shared/readings/codec/block.ts';
import { inFolderOf } from '../../support/archives.ts';
import { query } from '../../support/duckdb.ts';
import { deviceId } from '../readings/compaction/store.ts';
import { openExports } from './table-exports.ts';

const START = Date.parse('2026-03-02T00:00:00Z');
const DAY = 86_400_000;
const DAYS = 3;
const NAME = 'confidential name';
const FORMULA = '=HYPERLINK("http://x")';
const LONG = 'ß🙂,"\n'.repeat(200);

const VALUES: readonly JsonValue[] = [
  { t: 1, [NAME]: FORMULA },
  { t: -2.5, deep: { a: true } },
  { t: new JsonNumber('12345678901234567890.5'), [NAME]: LONG },
  7,
  [1, { a: null }],
  { value: 'scalar', '+sum': 'x' },
  null,
];

interface Written {
  readonly device: string;
  readonly ts: number;
  readonly stream: string;
  readonly value: JsonValue;
}

let exports: Awaited<ReturnType<typeof openExports>>;
/** Of the first bucket, in the order of an export. */
const written: Written[] = [];
let full: string;
let empty: string;

beforeAll(async () => {
  exports = await openExports(START);
  const { store } = exports;
  [full = '', empty = ''] = store.buckets.toSorted();
  const groups = [deviceId(3), deviceId(5)].flatMap((device) =>
    ['a', 'b'].map(
      (stream): Group => ({
        device,
        stream,
        buckets: [full],
        rows: Array.from({ length: DAYS * VALUES.length }, (_, i) => {
          const ts = START - DAYS * DAY + Math.floor(i / VALUES.length) * DAY + i * 1000;
          return { ts, receivedAt: START, value: VALUES[i % VALUES.length] as JsonValue };
        }),
      }),
    ),
  );
  await store.ingest(groups);
  for (const { device, stream, rows } of groups)
    for (const { ts, value } of rows) written.push({ device, ts, stream, value });
  written.sort((a, b) =>
    a.device < b.device ? -1 : a.device > b.device ? 1 : a.ts - b.ts || (a.stream < b.stream ? -1 : 1),
  );
  store.clock.now += 10_000;
});

const cells = (text: string | undefined): string[][] => parse(text ?? '', { record_delimiter: '\r\n' });
const iso = (ts: number) => new Date(ts).toISOString();
const fieldsOf = (
  description: { resources: { path: string; schema: { fields: { name: string }[] } }[] },
  name: string,
) => description.resources.find((resource) => resource.path === name)?.schema.fields.map((field) => field.name);

describe('an export as CSV', () => {
  it('holds every reading of each bucket in its order, long and wide, and describes both', async () => {
    const { text, files, description, report, left } = await exports.run({ format: 'csv' });
    expect([...files.keys()]).toEqual([
      `readings/${full}.csv`,
      `readings/${full}.wide.csv`,
      `readings/${empty}.csv`,
      'datapackage.json',
    ]);
    const [head, ...lines] = cells(text(`readings/${full}.csv`));
    expect(head).toEqual(['ts', 'device', 'stream', 'value']);
    expect(lines).toEqual(
      written.map(({ device, ts, stream, value }) => [iso(ts), device, stream, stringifyJson(value)]),
    );
    expect(text(`readings/${empty}.csv`)).toBe('ts,device,stream,value\r\n');

    const [names, ...wide] = cells(text(`readings/${full}.wide.csv`));
    expect(names).toEqual(['ts', 'device', 'stream', "'+sum", NAME, 'deep.a', 't', 'value', 'value__']);
    expect(wide.map((cell) => cell.slice(0, 3))).toEqual(lines.map((cell) => cell.slice(0, 3)));
    const shown = wide.filter((_, i) => written[i]?.value === VALUES[0]);
    expect(shown.map((cell) => cell[4])).toEqual(shown.map(() => `'${FORMULA}`));
    expect(wide.filter((cell) => cell[4] === LONG)).toHaveLength(written.length / VALUES.length);

    expect(fieldsOf(description, `readings/${full}.csv`)).toEqual(head);
    expect(fieldsOf(description, `readings/${full}.wide.csv`)).toEqual(names);
    const rows = description.resources.map((resource: { rows: number }) => resource.rows);
    expect(rows).toEqual([written.length, written.length, 0]);
    // A reading in two tables is counted once.
    expect(report).toMatchObject({ files: 3, rows: written.length });
    expect(left).toEqual(['archive.zip']);
  });

  it('holds the same in steps of a day each, every one of them killed and done again, in many executions', async () => {
    const whole = await exports.run({ format: 'csv' });
    const cut = await exports.run({ format: 'csv' }, { isByDay: true, isKilled: true, operationsAPart: 7 });
    // Its name and when it was made are its own.
    const { 'datapackage.json': _, ...tables } = whole.hashes;
    expect(cut.hashes).toMatchObject(tables);
    expect(cut.report).toMatchObject({ files: 3, rows: written.length });
    expect(cut.description.resources).toEqual(whole.description.resources);
    expect(cut.left).toEqual(['archive.zip']);
    const open = cut.history.filter((kept) => kept.includes('isRepeated'));
    expect(open.length).toBeGreaterThan(4 * DAYS);
    expect(inFolderOf(cut.zip, ['unzip', '-tq', 'archive.zip'])[0]).toContain('No errors');
    for (const kept of [...cut.history, ...whole.history]) expect(kept).not.toMatch(/confidential|HYPERLINK|deep/);
  });

  it('takes a device and a range of time alone, and nothing that came after the cut', async () => {
    const { store } = exports;
    const { now } = store.clock;
    const late = { ts: START - DAY + 500, receivedAt: now + 1000, value: 'late' };
    await store.ingest([{ device: deviceId(3), stream: 'a', buckets: [full], rows: [late] }]);
    const from = START - 2 * DAY;
    const input = { scope: { bucket: full, device: deviceId(3), from, to: START }, to: START - DAY + 10_000 } as const;
    const { text } = await exports.run({ format: 'csv', cut: now, ...input });
    const [, ...lines] = cells(text(`readings/${full}.csv`));
    const wanted = written.filter(({ device, ts }) => device === deviceId(3) && ts >= from && ts < input.to);
    expect(wanted.length).toBeGreaterThan(VALUES.length);
    expect(lines.map(([ts]) => ts)).toEqual(wanted.map(({ ts }) => iso(ts)));
  });

  it('says why it holds nothing where its caller might not read readings', async () => {
    const { files, description, report } = await exports.run({ format: 'csv', kinds: [] });
    expect([...files.keys()]).toEqual(['datapackage.json']);
    expect(description).toMatchObject({
      resources: [],
      custodia: { excluded: [{ kind: 'readings', reason: expect.stringContaining('custodia/readings.read') }] },
    });
    expect(report).toMatchObject({ files: 0, rows: 0 });
  });
});

describe('an export as Parquet', () => {
  const folder = mkdtempSync(path.join(tmpdir(), 'custodia-tables-'));
  afterAll(() => rmSync(folder, { recursive: true, force: true }));

  /** What DuckDB finds in all parts of the bucket. */
  async function read(files: ReadonlyMap<string, Buffer>) {
    const part = mkdtempSync(path.join(folder, 'export-'));
    for (const [name, bytes] of files)
      if (name.endsWith('.parquet')) writeFileSync(path.join(part, path.basename(name)), bytes);
    const rows = await query(`SELECT * FROM read_parquet('${part}/*.parquet') ORDER BY device, ts, stream`);
    return rows.map(({ ts, device, stream, value }) => [ts, device, stream, value]);
  }
  const expected = () =>
    written.map(({ ts, device, stream, value }) => [new Date(ts), device, stream, stringifyJson(value)]);

  it('is one part of each bucket that has readings, and describes its columns', async () => {
    const { files, description, report } = await exports.run({
      format: 'parquet',
      to: START - 1,
      cut: exports.store.clock.now,
    });
    const name = `readings/${full}/part-00001.parquet`;
    expect([...files.keys()]).toEqual([name, 'datapackage.json']);
    expect(await read(files)).toEqual(expected());
    const names = ['ts', 'receivedAt', 'device', 'stream', 'value', '+sum', NAME, 'deep.a', 't', 'value_', 'value__'];
    expect(fieldsOf(description, name)).toEqual(names);
    expect(report).toMatchObject({ files: 1, rows: written.length });
  });

  it('has the same readings in steps of a day each, a part a day, all with the same columns; a killed step changes no byte', async () => {
    const cut = exports.store.clock.now;
    const short = await exports.run({ format: 'parquet', cut }, { isByDay: true });
    const killed = await exports.run({ format: 'parquet', cut }, { isByDay: true, isKilled: true, operationsAPart: 7 });
    const { 'datapackage.json': _, ...tables } = short.hashes;
    expect(Object.keys(tables)).toHaveLength(2 * DAYS);
    expect(killed.hashes).toMatchObject(tables);
    expect(killed.description.resources).toEqual(short.description.resources);
    expect(await read(killed.files)).toEqual(expected());
    const columns = Object.keys(tables).map((name) => fieldsOf(killed.description, name));
    expect(new Set(columns.map(String)).size).toBe(1);
    expect(inFolderOf(killed.zip, ['unzip', '-tq', 'archive.zip'])[0]).toContain('No errors');
    for (const kept of [...killed.history, ...short.history]) expect(kept).not.toMatch(/confidential|HYPERLINK|deep/);
    expect(killed.left).toEqual(['archive.zip']);
  });
});

describe('a bucket of too many fields', () => {
  it('has no wide form and no typed columns, and says so', async () => {
    const { store, run } = exports;
    const value = Object.fromEntries(Array.from({ length: 201 }, (_, i) => [`f${i}`, i]));
    const rows = [{ ts: START, receivedAt: store.clock.now, value }];
    await store.ingest([{ device: deviceId(1), stream: 's', buckets: [empty], rows }]);
    store.clock.now += 1000;
    const scope = { bucket: empty };
    const csv = await run({ format: 'csv', scope }, { isByDay: true });
    expect([...csv.files.keys()]).toEqual([`readings/${empty}.csv`, 'datapackage.json']);
    expect(csv.description.resources[0].description).toMatch(/no wide form: .* more than 200 fields/);
    const parquet = await run({ format: 'parquet', scope }, { isByDay: true });
    expect(fieldsOf(parquet.description, `readings/${empty}/part-00001.parquet`)).toHaveLength(5);
    expect(parquet.description.resources[0].description).toMatch(/no columns: .* more than 200 fields/);
  });
});
