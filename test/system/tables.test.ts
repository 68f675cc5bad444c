/** Exports of tables: the readings as CSV and Parquet, as a spreadsheet would open them and DuckDB reads them. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { clientToken, made, openAccount, type Program, program } from '../support/api.ts';
import { download, exported, sha256, unzipped } from '../support/archives.ts';
import { makeDevice, makeProduct } from '../support/device.ts';
import { query } from '../support/duckdb.ts';
import { makeBucket } from '../support/readings.ts';
import { sharedHost } from '../support/shared-host.ts';

const T0 = Date.parse('2026-03-01T23:00:00.000Z');
const FORMULA = '=HYPERLINK("http://evil.test";"x")';
const TEXT = '数🙂ß,"\n\r;'.repeat(125).slice(0, 1000);

const host = sharedHost();
const folder = mkdtempSync(path.join(tmpdir(), 'custodia-tables-'));
let acme: Program;
let bucket: string;
let readings: { device: string; stream: string; ts: number; value: unknown }[];

beforeAll(async () => {
  acme = await openAccount(host.endpoints);
  const product = await makeProduct(acme);
  const devices = [await makeDevice(acme, product, 'one'), await makeDevice(acme, product, 'two')];
  bucket = await makeBucket(acme, { product });
  // Over midnight, so that each device has two days.
  readings = devices.flatMap(({ id: device }, n) =>
    Array.from({ length: 200 }, (_, i) => {
      const of = { device, ts: T0 + i * 30_000 + n };
      if (i % 10 === 9) return { ...of, stream: 'events', value: { text: i % 20 === 9 ? FORMULA : TEXT, ok: i > 99 } };
      if (i % 10 === 8) return { ...of, stream: 'raw', value: [i, 'x'] };
      return { ...of, stream: 'telemetry', value: { temperature: i / 4 - 20, counts: { total: i } } };
    }),
  );
  made(await acme.post(`/v1/buckets/${bucket}/readings`, { readings }), 200);
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const numbers = () => readings.map(({ value }) => value as { temperature?: number; counts?: { total: number } });
/** Of all readings as they were written, as DuckDB is asked for them. */
const expected = () => ({
  rows: BigInt(readings.length),
  temperature: numbers().reduce((sum, { temperature = 0 }) => sum + temperature, 0),
  total: numbers().reduce((sum, { counts }) => sum + (counts?.total ?? 0), 0),
  texts: BigInt(readings.filter(({ value }) => (value as { text?: string }).text === TEXT).length),
});

/** An export's files on the disk; their names by what they end with. */
async function filesOf(format: 'csv' | 'parquet') {
  const job = await exported(acme, { scope: { account: true }, format });
  expect(job).toMatchObject({ status: 'succeeded', format, progress: { done: readings.length } });
  const zip = await download(acme, job.id);
  expect(job.file).toMatchObject({ bytes: zip.length, sha256: sha256(zip), rows: readings.length });
  const files = await unzipped(zip);
  const on = (name: string) => path.join(folder, name.replaceAll('/', '-'));
  for (const [name, bytes] of files) writeFileSync(on(name), bytes);
  const { resources } = JSON.parse(files.get('datapackage.json')?.toString() ?? '{}');
  return { files, on, resources };
}

const quoted = (text: string) => `'${text.replaceAll("'", "''")}'`;

describe('an export of tables', () => {
  it('as CSV is a long and a wide form, whose rows and sums DuckDB finds to be those that were written', async () => {
    const { files, on, resources } = await filesOf('csv');
    const [long, wide] = [`readings/${bucket}.csv`, `readings/${bucket}.wide.csv`];
    expect([...files.keys()]).toEqual([long, wide, 'datapackage.json']);
    expect(resources).toMatchObject([long, wide].map((name) => ({ path: name, format: 'csv', rows: readings.length })));
    const fields = resources[1].schema.fields;
    expect(fields).toEqual([
      { name: 'ts', type: 'datetime' },
      { name: 'device', type: 'string' },
      { name: 'stream', type: 'string' },
      { name: 'counts.total', type: 'integer' },
      { name: 'ok', type: 'boolean' },
      { name: 'temperature', type: 'number' },
      { name: 'text', type: 'string' },
      { name: 'value', type: 'any' },
    ]);

    const csv = (name: string) =>
      `read_csv(${quoted(on(name))}, header = true, all_varchar = true, quote = '"', escape = '"')`;
    const [fromLong] = await query(`
      SELECT count(*) AS rows, sum((value ->> '$.temperature')::DOUBLE) AS temperature,
        sum((value ->> '$.counts.total')::DOUBLE) AS total, count(*) FILTER (value ->> '$.text' = ${quoted(TEXT)}) AS texts
      FROM ${csv(long)}`);
    expect(fromLong).toEqual(expected());
    const [fromWide] = await query(`
      SELECT count(*) AS rows, sum(temperature::DOUBLE) AS temperature, sum("counts.total"::DOUBLE) AS total,
        count(*) FILTER (text = ${quoted(TEXT)}) AS texts
      FROM ${csv(wide)}`);
    expect(fromWide).toEqual(expected());

    const [formulas] = await query(`
      SELECT count(*) FILTER (text = ${quoted(`'${FORMULA}`)}) AS guarded, count(*) FILTER (text LIKE '=%') AS bare
      FROM ${csv(wide)}`);
    expect(formulas).toEqual({ guarded: 20n, bare: 0n });
  });

  it('as Parquet is typed, and has the same rows and sums', async () => {
    const { files, on } = await filesOf('parquet');
    const part = `readings/${bucket}/part-00001.parquet`;
    expect([...files.keys()]).toEqual([part, 'datapackage.json']);
    const [found] = await query(`
      SELECT count(*) AS rows, sum(temperature) AS temperature, sum("counts.total")::DOUBLE AS total,
        count(*) FILTER (text = ${quoted(TEXT)}) AS texts
      FROM ${quoted(on(part))}`);
    expect(found).toEqual(expected());
    const [first] = await query(`SELECT ts, device, value FROM ${quoted(on(part))} LIMIT 1`);
    const { ts, device, value } = readings[0] ?? {};
    expect(first).toEqual({ ts: new Date(ts ?? 0), device, value: JSON.stringify(value) });
  });

  it('needs the right to read readings, and no other', async () => {
    const client = async (...scopes: string[]) => {
      const body = { name: 'tables', scopes: scopes.map((scope) => `custodia/${scope}`) };
      return program(host.endpoints, await clientToken(host.endpoints, made(await acme.post('/v1/api-clients', body))));
    };
    const reader = await client('exports.read', 'exports.write', 'readings.read');
    const other = await client('exports.read', 'exports.write');
    const { id } = await exported(reader, { scope: { bucket }, format: 'csv' });
    expect((await unzipped(await download(reader, id))).has(`readings/${bucket}.csv`)).toBe(true);
    expect((await other.get(`/v1/exports/${id}/download`)).status).toBe(403);

    const nothing = await exported(other, { scope: { bucket }, format: 'csv' });
    const files = await unzipped(await download(other, nothing.id));
    expect([...files.keys()]).toEqual(['datapackage.json']);
    expect(files.get('datapackage.json')?.toString()).toContain('lacked custodia/readings.read');
  });
});
