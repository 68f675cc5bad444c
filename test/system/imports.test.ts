/** Imports: an account's archive in another account, the same readings there, and everything that is refused. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type Answer, clientToken, eventually, made, openAccount, type Program, program } from '../support/api.ts';
import { download, exported, over, unzipped } from '../support/archives.ts';
import { makeDevice, makeProduct } from '../support/device.ts';
import { type Host, startHost } from '../support/host.ts';
import { comparable, imported, mappingOf, started, uploaded } from '../support/imports.ts';
import { holds, makeBucket } from '../support/readings.ts';

let host: Host;
let acme: Program;
let globex: Program;
beforeAll(async () => {
  host = await startHost();
  [acme, globex] = [await openAccount(host.endpoints), await openAccount(host.endpoints, 'Globex')];
});
afterAll(() => host?.dispose());

const T0 = Date.UTC(2026, 0, 1, 23, 50);

describe('an archive', () => {
  it('brings an account into another one, once', async () => {
    const product = await makeProduct(acme);
    const device = await makeDevice(acme, product, 'one');
    const bucket = await makeBucket(acme, { product, stream: 'telemetry' }, { timeZone: 'Europe/Madrid' });
    made(await acme.put(`/v1/devices/${device.id}/properties/location`, { floor: 3, b: null }), 201);
    made(await acme.put('/v1/account/properties/owner', { name: 'Ünï' }), 201);
    const readings = Array.from({ length: 700 }, (_, i) => ({
      device: device.id,
      stream: 'telemetry',
      ts: T0 + i * 1000,
      value: i % 3 ? { t: i / 10 } : [i, 'x', { b: 1, a: -0 }],
    }));
    made(await acme.post(`/v1/buckets/${bucket}/readings`, { readings }), 200);
    const { id } = await exported(acme, { scope: { account: true }, format: 'archive' });
    const zip = await download(acme, id);

    const upload = await uploaded(globex, zip);
    const dry = await started(globex, upload, { dryRun: true });
    expect(dry, JSON.stringify(dry)).toMatchObject({ status: 'succeeded', dryRun: true });
    expect(dry.report.created).toEqual({ products: 1, devices: 1, buckets: 1, properties: 2, readings: 700 });
    expect((await globex.get('/v1/products')).body.items).toEqual([]);

    const job = await started(globex, upload);
    expect(job, JSON.stringify(job)).toMatchObject({ status: 'succeeded' });
    expect(job.report.created).toEqual({ products: 1, devices: 1, buckets: 1, properties: 2, readings: 700 });

    const mapping = await mappingOf(globex, job.id);
    mapping.set(acme.account, globex.account);
    const page = (of: Program, at: string) => of.get(`/v1/buckets/${at}/readings?limit=1000`);
    const here = await page(globex, mapping.get(bucket) ?? '');
    const there = await page(acme, bucket);
    // Members are in order in an archive, so that the texts may differ.
    const expectedPage = JSON.parse(there.text.replaceAll(device.id, mapping.get(device.id) ?? ''));
    expect(here.body).toEqual(expectedPage);

    const again = await exported(globex, { scope: { account: true }, format: 'archive' });
    const other = await unzipped(await download(globex, again.id));
    const expected = comparable(await unzipped(zip), mapping);
    expect(comparable(other)).toEqual(expected);

    const second = await imported(globex, zip);
    expect(second.report).toMatchObject({
      created: { products: 0, devices: 0, buckets: 0, properties: 0, readings: 0 },
      unchanged: { products: 1, devices: 1, buckets: 1, properties: 2, readings: 700 },
    });
  });
});

const typeOf = ({ status, body }: Answer) => [status, body?.type];
const CONFLICT = [409, 'urn:custodia:problem:conflict'];
const prepared = async (of: Program, size: number, more: object = { format: 'archive' }) =>
  made(await of.post('/v1/imports', { ...more, size }));
const put = (url: string, body: string) => fetch(url, { method: 'PUT', body });
const statusOf = async (of: Pick<Program, 'get'>, id: string) => (await of.get(`/v1/imports/${id}`)).body.status;

describe('a bucket of Thinger.io', () => {
  let [bucket, device, other] = ['', '', ''];
  let thinger: object;
  beforeAll(async () => {
    const product = await makeProduct(acme, 'Thinger');
    device = (await makeDevice(acme, product, 'one')).id;
    other = (await makeDevice(acme, product, 'two')).id;
    bucket = await makeBucket(acme, { device, stream: 'weather' });
    thinger = { format: 'thinger-csv', bucket, device };
  });
  const csv = (...rows: string[]) => Buffer.from(`ts,temperature,place.name\n${rows.join('\n')}\n`);
  const GOOD = [`${T0},21.5,"Bern, CH"`, `${T0 + 1000},,x`];

  it('is checked by a dry run, brought in with its times, and not twice', async () => {
    const id = await uploaded(acme, csv(...GOOD), thinger);
    const dry = await started(acme, id, { dryRun: true });
    expect(dry).toMatchObject({ status: 'succeeded', dryRun: true, report: { created: { readings: 2 } } });
    await holds(acme, bucket, 0);
    const job = await started(acme, id);
    expect(job).toMatchObject({ ...thinger, status: 'succeeded', report: { created: { readings: 2 }, expired: 0 } });
    const { items } = (await acme.get(`/v1/buckets/${bucket}/readings?order=asc`)).body;
    expect(items.map(({ ts, stream, value }: Answer['body']) => [Date.parse(ts), stream, value])).toEqual([
      [T0, 'weather', { temperature: 21.5, 'place.name': 'Bern, CH' }],
      [T0 + 1000, 'weather', { 'place.name': 'x' }],
    ]);
    const again = await imported(acme, csv(...GOOD), thinger);
    expect(again.report).toMatchObject({ created: { readings: 0 }, unchanged: { readings: 2 } });
    await holds(acme, bucket, 2);
    expect(typeOf(await acme.get(`/v1/imports/${again.id}/mapping`))).toEqual(CONFLICT);
  });

  it('with a row that is none, or of a device that isn’t the bucket’s, is refused: line and reason, and nothing of it', async () => {
    const bad = await imported(acme, csv(`${T0 + 5000},1,`, 'yesterday,2,'), thinger);
    expect(bad).toMatchObject({ status: 'failed', error: { code: 'validation' }, problem: { line: 3 } });
    expect(bad.problem.detail).toMatch(/time/);
    const ahead = await imported(acme, csv(`${Date.now() + 90_000_000},1,`), thinger);
    expect(ahead.problem).toMatchObject({ line: 2, detail: expect.stringMatching(/24 hours/) });
    const strange = await imported(acme, csv(...GOOD), { ...thinger, device: other });
    expect(strange.problem).toEqual({ detail: expect.stringMatching(/source of the bucket/) });
    await holds(acme, bucket, 2);
    expect((await globex.post('/v1/imports', { ...thinger, size: 1 })).status).toBe(404);
  });
});

describe('an upload', () => {
  it('that lacks bytes, or has a part that is too long, is not started, and can be put right', async () => {
    const { id, upload } = await prepared(acme, 10);
    const { url } = upload.parts[0];
    expect(upload.parts).toMatchObject([{ method: 'PUT', from: 0, to: 10 }]);
    const start = () => acme.post(`/v1/imports/${id}/start`, {});
    const none = await start();
    expect([...typeOf(none), none.body.detail]).toEqual([...CONFLICT, 'Of 10 bytes, 0 were uploaded.']);
    await put(url, 'abc');
    expect((await start()).body.detail).toContain('Of 10 bytes, 3 were uploaded. Part 1 has 3 instead of 10.');
    await put(url, 'more than ten bytes');
    const long = await start();
    expect([...typeOf(long), long.body.detail]).toEqual([...CONFLICT, expect.stringContaining('Of 10 bytes, 19 were')]);
    expect(await statusOf(acme, id)).toBe('prepared');
    await put(url, 'ten bytes.');
    expect(await started(acme, id)).toMatchObject({ status: 'failed', problem: { detail: expect.any(String) } });
  });

  it('of more than a part has an address for each, and goes on from another request', async () => {
    const { id, upload } = await prepared(acme, 250_000_001);
    expect(upload.parts.map(({ from, to }: Answer['body']) => [from, to])).toEqual([
      [0, 100_000_000],
      [100_000_000, 200_000_000],
      [200_000_000, 250_000_001],
    ]);
    await put(upload.parts[0].url, 'x');
    const again = (await acme.get(`/v1/imports/${id}`)).body;
    expect((await put(again.upload.parts[2].url, 'y')).status).toBe(200);
    const refused = await acme.post(`/v1/imports/${id}/start`, {});
    expect(refused.body.detail).toContain('Of 250000001 bytes, 2 were uploaded.');
    expect((await acme.get('/v1/imports')).body.items[0]).not.toHaveProperty('upload');
  });

  it('has addresses that can’t be altered', async () => {
    const { upload } = await prepared(acme, 10);
    const { url } = upload.parts[0];
    for (const other of [
      url.replace('partNumber=1', 'partNumber=2'),
      url.replace(acme.account, globex.account),
      url.replace('/upload?', '/mapping.ndjson?'),
      url.replace(/X-Amz-Expires=\d+/, 'X-Amz-Expires=86400'),
      url.replace(/\?.*/, ''),
    ]) {
      expect(other).not.toBe(url);
      expect((await put(other, 'ten bytes.')).status, other).toBe(403);
    }
    for (const method of ['GET', 'DELETE']) expect((await fetch(url, { method })).status).toBe(403);
    expect((await put(url, 'ten bytes.')).status).toBe(200);
  });
});

describe('an import', () => {
  it('of another account is not there, whatever is asked of it', async () => {
    const { id } = await prepared(acme, 10);
    const at = `/v1/imports/${id}`;
    for (const answer of [
      await globex.get(at),
      await globex.get(`${at}/mapping`),
      await globex.post(`${at}/start`, {}),
      await globex.post(`${at}/cancel`),
      await globex.post(`${at}/retry`),
    ])
      expect(typeOf(answer)).toEqual([404, 'urn:custodia:problem:not-found']);
    expect((await globex.get('/v1/imports')).text).not.toContain(id);
    expect(await statusOf(acme, id)).toBe('prepared');
  });

  it('is started, and tried again, only by whoever may write what it holds', async () => {
    const scopes = ['imports.read', 'imports.write', 'devices.write', 'buckets.write', 'readings.write'];
    const made_ = made(
      await acme.post('/v1/api-clients', { name: 'few', scopes: scopes.map((scope) => `custodia/${scope}`) }),
    );
    const few = { ...acme, ...program(host.endpoints, await clientToken(host.endpoints, made_)) };
    const id = await uploaded(few, Buffer.from('x'));
    const refused = await few.post(`/v1/imports/${id}/start`, {});
    expect(typeOf(refused)).toEqual([403, 'urn:custodia:problem:forbidden']);
    expect(refused.body.detail).toContain('custodia/products.write');
    expect(await started(acme, id)).toMatchObject({ status: 'failed' });
    expect(typeOf(await few.post(`/v1/imports/${id}/retry`))).toEqual([403, 'urn:custodia:problem:forbidden']);
    made(await acme.post(`/v1/imports/${id}/retry`), 202);
    expect(await over(acme, `/v1/imports/${id}`)).toMatchObject({ status: 'failed', problem: {} });
  });

  it('that waits for its file is cancelled, and fails if it is tried again without one', async () => {
    const { id } = await prepared(acme, 10);
    expect(made(await acme.post(`/v1/imports/${id}/cancel`), 200)).toMatchObject({ status: 'cancelled' });
    expect(typeOf(await acme.post(`/v1/imports/${id}/cancel`))).toEqual(CONFLICT);
    made(await acme.post(`/v1/imports/${id}/retry`), 202);
    const job = await over(acme, `/v1/imports/${id}`);
    expect(job).toMatchObject({ status: 'failed', error: { code: 'conflict' } });
    expect(job.error.message).toMatch(/not uploaded/);
    expect(job).not.toHaveProperty('problem');
  });

  it('that runs is not started again, and goes on when the host is killed: everything is there, once', async () => {
    const product = await makeProduct(acme, 'Many');
    const device = await makeDevice(acme, product, 'busy');
    const bucket = await makeBucket(acme, { product });
    for (let day = 0; day < 3; day++) {
      const readings = Array.from({ length: 900 }, (_, i) => ({
        device: device.id,
        stream: 'telemetry',
        ts: T0 + day * 86_400_000 + i * 30_000,
        value: i,
      }));
      made(await acme.post(`/v1/buckets/${bucket}/readings`, { readings }), 200);
    }
    const { id: archive } = await exported(acme, { scope: { product }, format: 'archive' });
    let initech = await openAccount(host.endpoints, 'Initech');
    const id = await uploaded(initech, await download(acme, archive));
    // Its last step can’t be done.
    await host.control('fail', { service: 's3', action: 'CreateMultipartUpload', code: 'InternalError', status: 500 });
    made(await initech.post(`/v1/imports/${id}/start`, {}), 202);
    expect(
      await eventually(
        () => statusOf(initech, id),
        (status) => status === 'running',
      ),
    ).toBe('running');
    expect(typeOf(await initech.post(`/v1/imports/${id}/start`, {}))).toEqual(CONFLICT);
    await host.kill();
    host = await startHost({ data: host.data });
    const again = async (of: Program) => ({
      ...of,
      ...program(host.endpoints, await clientToken(host.endpoints, of.client)),
    });
    [acme, globex, initech] = [await again(acme), await again(globex), await again(initech)];
    const job = await eventually(
      async () => {
        await host.advance(30);
        return (await initech.get(`/v1/imports/${id}`)).body;
      },
      ({ status }) => status !== 'queued' && status !== 'running',
      60_000,
    );
    expect(job, JSON.stringify(job)).toMatchObject({ status: 'succeeded' });
    expect(job.report.created).toMatchObject({ products: 1, devices: 1, readings: 2700 });
    const mapping = await mappingOf(initech, id);
    await holds(initech, mapping.get(bucket) ?? '', 2700);
    expect((await initech.get('/v1/devices')).body.items).toHaveLength(1);
  }, 150_000);

  it('shows addresses that end after ten minutes, and others then', async () => {
    const { id, upload } = await prepared(acme, 10);
    await host.advance(620);
    expect((await put(upload.parts[0].url, 'ten bytes.')).status).toBe(403);
    const fresh = (await acme.get(`/v1/imports/${id}`)).body.upload.parts[0].url;
    expect((await put(fresh, 'ten bytes.')).status).toBe(200);
    expect(await started(acme, id)).toMatchObject({ status: 'failed', problem: {} });
  });
});
