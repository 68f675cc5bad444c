/**
 * Exports as a customer's script has them: asked for, waited for, fetched by curl, taken apart by tools that we didn't write. What is
 * inside, what never is; who may have it, and for how long; and what a failing S3 or a killed host does to it.
 */
import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type Answer, clientToken, eventually, made, openAccount, type Program, program } from '../support/api.ts';
import { download, exported, over, sha256, textsOf, unzipped } from '../support/archives.ts';
import { makeDevice, makeProduct, type TestDevice } from '../support/device.ts';
import { query } from '../support/duckdb.ts';
import { type Host, startHost } from '../support/host.ts';
import { join, type Person } from '../support/members.ts';
import { holds, makeBucket, send } from '../support/readings.ts';

let host: Host;
let acme: Program;
let globex: Program;
let product: string;
let one: TestDevice;
let two: TestDevice;
let bucket: string;
let connectorSecret: string;
let viewer: Person;
let editor: Person;
let folder: string;

const T0 = Date.UTC(2026, 0, 1, 23, 59, 58);
/** By HTTP, ten readings across midnight; by MQTT, six of two streams. */
const COUNT = 16;
const WHOLE = { scope: { account: true }, format: 'archive' };

beforeAll(async () => {
  folder = mkdtempSync(path.join(tmpdir(), 'custodia-exports-'));
  host = await startHost();
  [acme, globex] = [await openAccount(host.endpoints), await openAccount(host.endpoints, 'Globex')];
  product = await makeProduct(acme);
  [one, two] = [await makeDevice(acme, product, 'Gerät "1"'), await makeDevice(acme, product, 'two')];
  bucket = await makeBucket(acme, { product });
  const connector = made(await acme.post('/v1/connectors', { name: 'network', kind: 'json', product }));
  connectorSecret = connector.secret;
  expect(connectorSecret.length).toBeGreaterThan(20);
  made(await acme.put(`/v1/devices/${one.id}/properties/site`, { b: 1, a: 2 }));
  const readings = Array.from({ length: 10 }, (_, i) => ({
    device: one.id,
    stream: 'telemetry',
    ts: T0 + i * 500,
    value: { t: i },
  }));
  made(await acme.post(`/v1/buckets/${bucket}/readings`, { readings }), 200);
  for (const stream of ['telemetry', 'events'])
    await send(host.endpoints, two, stream, ...[1, 2, 3].map((n) => `{"ts":${T0 + n},"t":${n * 100}}`));
  await holds(acme, bucket, COUNT);
  [viewer, editor] = [await join(host, acme, 'viewer'), await join(host, acme, 'editor')];
});
afterAll(async () => {
  rmSync(folder, { recursive: true, force: true });
  await host?.dispose();
});

/** Runs a command within the test's folder, or one in it; answers what it printed. */
const shellIn = (name: string, command: string, ...args: string[]): string =>
  execFileSync(command, args, {
    cwd: path.join(folder, name),
    encoding: 'utf8',
    stdio: ['ignore', 'pipe', 'pipe'],
  });
const shell = (command: string, ...args: string[]) => shellIn('', command, ...args);
const fileIn = (name: string) => readFileSync(path.join(folder, name));

const addressOf = async (account: Pick<Program, 'get'>, id: string) =>
  made(await account.get(`/v1/exports/${id}/download`, { headers: { accept: 'application/json' } }), 200);
/** What S3 answers to whoever has the address. */
const fetched = async (url: string, range?: string): Promise<number> => {
  const answer = await fetch(url, range === undefined ? {} : { headers: { range } });
  await answer.arrayBuffer();
  return answer.status;
};
const storeIn = (texts: ReadonlyMap<string, string>, name: string) =>
  JSON.parse(texts.get('data/coverage.json') ?? '').stores.find(({ store }: { store: string }) => store === name);
const typeOf = ({ status, body }: Answer) => [status, body?.type];

/** Of the readings in an archive; times, streams and values as they stand there. */
function readingsIn(texts: ReadonlyMap<string, string>) {
  return [...texts].flatMap(([name, text]) =>
    name.startsWith('data/readings/')
      ? text
          .split('\n')
          .slice(0, -1)
          .map((line) => ({ ...JSON.parse(line), device: name.split('/')[3] }))
      : [],
  );
}

describe('an export of the account', () => {
  let job: Answer['body'];

  it('is asked for, waited for, and fetched by curl, which follows the redirect', async () => {
    const answer = await acme.post('/v1/exports', WHOLE);
    expect([answer.status, answer.headers.get('location')]).toEqual([202, `/v1/exports/${answer.body.id}`]);
    expect(answer.body).toMatchObject({ ...WHOLE, status: 'queued', progress: { unit: 'readings' } });
    expect(answer.body).not.toHaveProperty('file');
    job = await over(acme, `/v1/exports/${answer.body.id}`);
    expect(job).toMatchObject({ ...WHOLE, status: 'succeeded', waitingMessages: 0 });
    expect(Date.parse(job.expiresAt) - Date.parse(job.createdAt)).toBe(30 * 86_400_000);
    expect((await acme.get('/v1/exports')).body.items).toEqual([job]);

    const url = `${host.endpoints.api}/v1/exports/${job.id}/download`;
    const headers = shell('curl', '-sSfL', '-D', '-', '-o', 'a.zip', '-H', `Authorization: Bearer ${acme.token}`, url);
    expect(headers).toMatch(/^HTTP\/1.1 302/);
    expect(headers.toLowerCase()).toContain(`attachment; filename="${job.id}.zip"`);
    const zip = fileIn('a.zip');
    expect({ bytes: zip.length, sha256: sha256(zip) }).toEqual({ bytes: job.file.bytes, sha256: job.file.sha256 });
  });

  it('has an address that resumes: two halves, whichever way, are the file', async () => {
    const { url, sha256: hash, expiresAt } = await addressOf(acme, job.id);
    expect(hash).toBe(job.file.sha256);
    expect(Date.parse(expiresAt)).toBeGreaterThan(Date.now());
    const half = Math.floor(job.file.bytes / 2);
    shell('curl', '-sSf', '-r', `0-${half - 1}`, '-o', 'resumed.zip', url);
    expect(fileIn('resumed.zip')).toHaveLength(half);
    shell('curl', '-sSf', '-C', '-', '-o', 'resumed.zip', url);
    expect(sha256(fileIn('resumed.zip'))).toBe(job.file.sha256);
    expect(await fetched(url, `bytes=${job.file.bytes}-`)).toBe(416);
  });

  it('is whole to unzip, to sha256sum, and to DuckDB', async () => {
    expect(shell('unzip', '-t', 'a.zip')).toContain('No errors detected');
    mkdirSync(path.join(folder, 'a'));
    shell('unzip', '-q', 'a.zip', '-d', 'a');
    const lines = (name: string) => fileIn(`a/${name}`).toString().trim().split('\n');
    const checked = (manifest: string) => shellIn('a', 'sha256sum', '-c', manifest);
    expect(checked('manifest-sha256.txt').match(/: OK$/gm)).toHaveLength(lines('manifest-sha256.txt').length);
    expect(checked('tagmanifest-sha256.txt').match(/: OK$/gm)).toHaveLength(3);

    const rows = await query(
      `SELECT count(*) AS n, sum((value->>'t')::DOUBLE) AS sum, count(DISTINCT stream) AS streams
         FROM read_json('${folder}/a/data/readings/**/*.ndjson.gz', format = 'newline_delimited',
           columns = {ts: 'TIMESTAMP', receivedAt: 'TIMESTAMP', stream: 'VARCHAR', value: 'JSON'})`,
    );
    expect(rows).toEqual([{ n: BigInt(COUNT), sum: 45 + 2 * 600, streams: 2n }]);
  });

  it('holds what was sent, a file a device and day, and what was entered and done', async () => {
    const texts = textsOf(await unzipped(fileIn('a.zip')), /./);
    const readings = [...texts.keys()].filter((name) => name.startsWith('data/readings/'));
    expect(readings).toEqual(
      [one, one, two]
        .map(({ id }, i) => `data/readings/${bucket}/${id}/2026-01-0${i === 1 ? 2 : 1}.ndjson.gz`)
        .toSorted(),
    );
    const sent = readingsIn(texts);
    expect(sent.filter(({ device }) => device === one.id).map(({ ts, value }) => [Date.parse(ts), value])).toEqual(
      Array.from({ length: 10 }, (_, i) => [T0 + i * 500, { t: i }]),
    );
    expect(
      sent.filter(({ device }) => device === two.id).map(({ ts, stream }) => [Date.parse(ts) - T0, stream]),
    ).toEqual(
      [1, 2, 3].flatMap((n) => [
        [n, 'events'],
        [n, 'telemetry'],
      ]),
    );
    expect(texts.get('data/devices.ndjson')).toContain('"name":"Gerät \\"1\\""');
    expect(texts.get('data/properties.ndjson')).toContain('"value":{"a":2,"b":1}');
    expect(texts.get('data/members.ndjson')).toContain(acme.owner.email);
    const events = textsOf(await unzipped(fileIn('a.zip')), /data\/audit\//);
    const actions = [...events.values()]
      .join('')
      .split('\n')
      .filter(Boolean)
      .map((line) => JSON.parse(line));
    expect(actions.map(({ action }) => action)).toEqual(
      expect.arrayContaining(['products.create', 'devices.create', 'buckets.create', 'members.invite']),
    );
    expect(actions).toContainEqual(expect.objectContaining({ principalKind: 'client', principal: acme.client.id }));
    expect(job.file).toMatchObject({
      files: [...texts.keys()].filter((name) => /^data\/(?!schemas|coverage|datapackage)/.test(name)).length,
    });
  });

  it('holds no secret: neither one that there is, nor a place for one', async () => {
    const texts = textsOf(await unzipped(fileIn('a.zip')), /./);
    const all = [...texts.values()].join('\n');
    const key = one.credential.privateKeyPem.split('\n')[1] ?? '';
    expect(key.length).toBeGreaterThan(40);
    for (const secret of [
      acme.client.clientSecret,
      acme.client.clientId,
      acme.token,
      connectorSecret,
      key,
      'PRIVATE KEY',
      'BEGIN CERTIFICATE',
      one.credential.certificateId,
      globex.account,
    ])
      expect(all.includes(secret), secret.slice(0, 20)).toBe(false);
    expect(all.match(/"[^"\n]*(secret|password|private|token)[^"\n]*":/i)).toBe(null);
  });

  it('is seen, fetched, cancelled, tried again and deleted by its own account alone', async () => {
    for (const id of [job.id, job.id.replace(/.$/, (last: string) => (last === '0' ? '1' : '0'))]) {
      for (const asked of [
        globex.get(`/v1/exports/${id}`),
        globex.get(`/v1/exports/${id}/download`),
        globex.post(`/v1/exports/${id}/cancel`),
        globex.post(`/v1/exports/${id}/retry`),
        globex.delete(`/v1/exports/${id}`),
      ])
        expect(typeOf(await asked)).toEqual([404, 'urn:custodia:problem:not-found']);
    }
    expect((await globex.get('/v1/exports')).body.items).toEqual([]);
    for (const scope of [{ product }, { device: one.id }, { bucket }, { bucket, device: one.id }])
      expect(typeOf(await globex.post('/v1/exports', { scope, format: 'archive' }))).toEqual([
        404,
        'urn:custodia:problem:not-found',
      ]);
    expect((await acme.get(`/v1/exports/${job.id}`)).body).toEqual(job);
  });

  it('is fetched by whoever may read all that is inside, and by nobody else', async () => {
    expect(typeOf(await viewer.post('/v1/exports', WHOLE))).toEqual([403, 'urn:custodia:problem:forbidden']);
    expect((await viewer.get(`/v1/exports/${job.id}`)).status).toBe(200);
    for (const person of [viewer, editor]) {
      const refused = await person.get(`/v1/exports/${job.id}/download`);
      expect(typeOf(refused)).toEqual([403, 'urn:custodia:problem:forbidden']);
      expect(refused.body.detail).toContain('custodia/members.read');
    }
    expect(typeOf(await viewer.delete(`/v1/exports/${job.id}`))).toEqual([403, 'urn:custodia:problem:forbidden']);

    const own = await exported(editor, WHOLE);
    const texts = textsOf(await unzipped(await download(viewer, own.id)), /./);
    expect(texts.has('data/members.ndjson')).toBe(false);
    expect([...texts.keys()].filter((name) => name.startsWith('data/audit/'))).toEqual([]);
    expect(storeIn(texts, 'members')).toMatchObject({
      state: 'excluded',
      reason: 'Who asked for the export lacked custodia/members.read.',
    });
    expect(storeIn(texts, 'audit trail').reason).toContain('custodia/audit-events.read');
    expect(readingsIn(texts)).toHaveLength(COUNT);
  });

  it('has an address for one thing: none of it can be altered', async () => {
    const { url } = await addressOf(acme, job.id);
    expect(await fetched(url)).toBe(200);
    const altered = (change: (of: URL) => void) => {
      const of = new URL(url);
      change(of);
      return of.href;
    };
    const params = [...new URL(url).searchParams.keys()];
    expect(params).toEqual(expect.arrayContaining(['X-Amz-Expires', 'X-Amz-Signature', 'X-Amz-Security-Token']));
    const changes = [
      altered(({ searchParams }) => searchParams.set('X-Amz-Expires', '86400')),
      altered(({ searchParams }) => searchParams.set('X-Amz-Date', '20300101T000000Z')),
      altered(({ searchParams }) => searchParams.set('X-Amz-Signature', '0'.repeat(64))),
      altered(({ searchParams }) => searchParams.delete('X-Amz-Security-Token')),
      altered(({ searchParams }) => searchParams.set('response-content-disposition', 'inline')),
      url.replace('archive.zip', 'work/upload'),
      url.replace(acme.account, globex.account),
      url.replace(/\?.*/, ''),
    ];
    expect(new Set([url, ...changes]).size).toBe(changes.length + 1);
    for (const changed of changes) expect([await fetched(changed), changed], changed).toEqual([403, changed]);
    for (const method of ['PUT', 'DELETE']) expect((await fetch(url, { method })).status).toBe(403);
    expect(await fetched(url)).toBe(200);
  });

  it('that is deleted is gone at once, also for whoever has an address', async () => {
    const { id } = await exported(acme, { scope: { bucket, device: two.id, from: T0 + 2 }, format: 'archive' });
    const texts = textsOf(await unzipped(await download(acme, id)), /./);
    expect(readingsIn(texts).map(({ ts }) => Date.parse(ts) - T0)).toEqual([2, 2, 3, 3]);
    const { url } = await addressOf(acme, id);
    expect(await fetched(url)).toBe(200);
    expect((await acme.delete(`/v1/exports/${id}`)).status).toBe(204);
    expect([403, 404]).toContain(await fetched(url));
    for (const asked of [`/v1/exports/${id}`, `/v1/exports/${id}/download`])
      expect((await acme.get(asked)).status).toBe(404);
    expect((await acme.delete(`/v1/exports/${id}`)).status).toBe(404);
  });

  it('of a part that isn’t there, or of a time that is none, is refused', async () => {
    const nobodys = 'bkt_00000000000000000000000000';
    expect((await acme.post('/v1/exports', { scope: { bucket: nobodys }, format: 'archive' })).status).toBe(404);
    const refused = await acme.post('/v1/exports', { ...WHOLE, from: T0, to: T0 });
    expect([refused.status, refused.body.errors[0].pointer]).toEqual([400, '/to']);
    for (const body of [
      { ...WHOLE, scope: {} },
      { ...WHOLE, scope: { product, bucket } },
      { ...WHOLE, format: 'zip' },
    ])
      expect((await acme.post('/v1/exports', body)).status).toBe(400);
  });
});

const fail = (action: string) => host.control('fail', { service: 's3', action, code: 'InternalError', status: 500 });
/** Moves the host's clock on: a step that fails is tried again after a while. */
const untilOver = (id: string) =>
  eventually(
    async () => {
      await host.advance(30);
      return (await acme.get(`/v1/exports/${id}`)).body;
    },
    ({ status }) => status !== 'queued' && status !== 'running',
    60_000,
  );

/** They wait for steps that are tried again. */
const LONG = { timeout: 150_000 };

describe('an export that cannot be finished', () => {
  it('goes on trying, is cancelled, leaves nothing to fetch, and succeeds when it is tried again', LONG, async () => {
    await fail('CompleteMultipartUpload');
    const { id } = made(await acme.post('/v1/exports', WHOLE), 202);
    const running = await eventually(
      async () => (await acme.get(`/v1/exports/${id}`)).body,
      ({ status }) => status === 'running',
    );
    expect(running.status).toBe('running');
    for (const asked of [acme.get(`/v1/exports/${id}/download`), acme.delete(`/v1/exports/${id}`)])
      expect(typeOf(await asked)).toEqual([409, 'urn:custodia:problem:conflict']);
    made(await acme.post(`/v1/exports/${id}/cancel`), 200);
    expect(await untilOver(id)).toMatchObject({ status: 'cancelled' });
    expect((await acme.get(`/v1/exports/${id}/download`)).status).toBe(409);
    await host.control('heal');
    made(await acme.post(`/v1/exports/${id}/retry`), 202);
    expect(await untilOver(id)).toMatchObject({ status: 'succeeded' });
    expect(readingsIn(textsOf(await unzipped(await download(acme, id)), /./))).toHaveLength(COUNT);
  });
});

describe('a host that is killed', () => {
  it('while an export runs brings it to its end when it starts again, whole', LONG, async () => {
    await fail('CompleteMultipartUpload');
    const { id } = made(await acme.post('/v1/exports', WHOLE), 202);
    await eventually(
      async () => (await acme.get(`/v1/exports/${id}`)).body,
      ({ status, progress }) => status === 'running' && progress.done > 0,
    );
    expect((await acme.get(`/v1/exports/${id}`)).body.status).toBe('running');
    await host.kill();
    const { data } = host;
    host = await startHost({ data });
    acme = { ...acme, ...program(host.endpoints, await clientToken(host.endpoints, acme.client)) };
    const job = await untilOver(id);
    expect(job).toMatchObject({ status: 'succeeded' });
    const zip = await download(acme, id);
    expect(sha256(zip)).toBe(job.file.sha256);
    expect(readingsIn(textsOf(await unzipped(zip), /./))).toHaveLength(COUNT);
  });
});

// Last, because it moves the clock by weeks.
describe('time', () => {
  const DAY = 86_400;
  /** Tokens end meanwhile. */
  const again = async () => program(host.endpoints, await clientToken(host.endpoints, acme.client));

  it('ends an address after ten minutes, and an export after 30 days', async () => {
    const old = await exported(acme, WHOLE);
    const { url: short } = await addressOf(acme, old.id);
    await host.advance(590);
    expect(await fetched(short)).toBe(200);
    await host.advance(20);
    expect(await fetched(short)).toBe(403);

    await host.advance(20 * DAY);
    let account = await again();
    const young = await exported(account, WHOLE);
    await host.advance(9 * DAY + 82_000);
    account = await again();
    expect((await account.get(`/v1/exports/${old.id}/download`)).status).toBe(302);
    await host.advance(DAY - 82_000 + 600);
    account = await again();
    expect((await account.get(`/v1/exports/${old.id}/download`)).status).toBe(404);
    expect((await account.get(`/v1/exports/${young.id}/download`)).status).toBe(302);
    await host.advance(1.5 * DAY);
    await host.control('reap');
    account = await again();
    expect((await account.get(`/v1/exports/${old.id}`)).status).toBe(404);
    expect(sha256(await download(account, young.id))).toBe(young.file.sha256);
  });
});
