/** Deletions: the jobs that remove readings. What they remove, and what they leave byte for byte. A killed host: faults.test.ts. */
import { beforeAll, describe, expect, it } from 'vitest';
import { eventually, made, openAccount, type Program } from '../support/api.ts';
import { jobOver, linesIn } from '../support/deletions.ts';
import { makeDevice, makeProduct, type TestDevice } from '../support/device.ts';
import { join } from '../support/members.ts';
import { holds, makeBucket, send, walk } from '../support/readings.ts';
import { sharedHost } from '../support/shared-host.ts';
import { itemsOnDisk } from '../support/tables-on-disk.ts';

const host = sharedHost();
let acme: Program;
let globex: Program;
let product: string;
let one: TestDevice;
let two: TestDevice;

beforeAll(async () => {
  [acme, globex] = [await openAccount(host.endpoints), await openAccount(host.endpoints, 'Globex')];
  product = await makeProduct(acme);
  [one, two] = [await makeDevice(acme, product, 'one'), await makeDevice(acme, product, 'two')];
});

const T0 = Date.UTC(2026, 0, 1);
/** Values that a careless rewrite would change. */
const VALUES = ['{"t":21.50}', '9007199254740993', '-0', '{"b":1,"a":[null,"é"]}', '1e308', '"x"'];
const payload = (n: number) =>
  `[${Array.from({ length: n }, (_, i) => `{"ts":${T0 + i * 1000},"value":${VALUES[i % VALUES.length]}}`).join(',')}]`;

const linesOf = (bucket: string) => linesIn(acme, bucket);
const ended = (id: string) => jobOver(host, acme, id);
const deleteReadings = async (bucket: string, query: Record<string, string | number> = {}) => {
  const search = new URLSearchParams(
    Object.entries(query).map(([name, value]): [string, string] => [name, String(value)]),
  );
  return acme.delete(`/v1/buckets/${bucket}/readings?${search}`);
};

describe('a range', () => {
  it('goes from its bucket, and everything else stays byte for byte', async () => {
    const [both, all] = [await makeBucket(acme, { product }), await makeBucket(acme)];
    for (const device of [one, two])
      for (const stream of ['telemetry', 'events']) await send(host.endpoints, device, stream, payload(12), payload(6));
    // Two payloads say the same in part: twelve readings a device and stream.
    await holds(acme, both, 48);
    const [before, other] = [await linesOf(both), await linesOf(all)];

    const [from, to] = [T0 + 2000, T0 + 5000];
    const answer = await deleteReadings(both, { device: one.id, stream: 'telemetry', from, to });
    expect(answer.status, answer.text).toBe(202);
    expect(answer.headers.get('location')).toBe(`/v1/deletions/${answer.body.id}`);
    expect(answer.body).toMatchObject({ status: 'queued', progress: { done: 0, total: 0, unit: 'products' } });
    expect(await ended(answer.body.id)).toMatchObject({ status: 'succeeded', progress: { done: 1, total: 1 } });

    const gone = (line: string) => {
      const { ts, device, stream } = JSON.parse(line);
      const at = Date.parse(ts);
      return device === one.id && stream === 'telemetry' && at >= from && at < to;
    };
    expect(before.filter(gone)).toHaveLength(3);
    expect(await linesOf(both)).toEqual(before.filter((line) => !gone(line)));
    expect(await linesOf(all)).toEqual(other);

    // Without a query, all of it; what the other bucket collects stays, still.
    expect(await ended(made(await deleteReadings(both), 202).id)).toMatchObject({ status: 'succeeded' });
    expect(await linesOf(both)).toEqual([]);
    expect(await linesOf(all)).toEqual(other);
    expect(await ended(made(await deleteReadings(all, { from: T0 + 1000 }), 202).id)).toMatchObject({
      status: 'succeeded',
    });
    expect(await linesOf(all)).toEqual(other.filter((line) => Date.parse(JSON.parse(line).ts) < T0 + 1000));
  });

  it('that is none is refused', async () => {
    const bucket = await makeBucket(acme, { product });
    const answer = await deleteReadings(bucket, { from: T0, to: T0 });
    expect([answer.status, answer.body.errors[0].pointer]).toEqual([400, '/query/to']);
    expect((await deleteReadings(bucket, { from: 'yesterday' })).status).toBe(400);
  });
});

describe('a deletion', () => {
  it('is seen by its own account alone, newest first', async () => {
    const bucket = await makeBucket(acme, { product });
    const { id } = made(await deleteReadings(bucket), 202);
    expect((await acme.get('/v1/deletions?limit=1')).body.items).toMatchObject([{ id }]);
    const ids = (await walk(acme, '/v1/deletions?limit=2')).flatMap(({ body }) =>
      body.items.map((item: { id: string }) => item.id),
    );
    expect(ids).toEqual(ids.toSorted().toReversed());
    expect((await globex.get('/v1/deletions')).body.items).toEqual([]);
    for (const path of ['', '/cancel', '/retry']) {
      const answer = await (path ? globex.post : globex.get)(`/v1/deletions/${id}${path}`);
      expect([path, answer.status]).toEqual([path, 404]);
    }
    expect((await globex.delete(`/v1/buckets/${bucket}/readings`)).status).toBe(404);
    await ended(id);
  });

  it('is begun by who may write readings, and seen by who may read them', async () => {
    const bucket = await makeBucket(acme, { product });
    const viewer = await join(host, acme, 'viewer');
    const refused = await viewer.delete(`/v1/buckets/${bucket}/readings`);
    expect([refused.status, refused.body.type]).toEqual([403, 'urn:custodia:problem:forbidden']);
    const editor = await join(host, acme, 'editor');
    const { id } = made(await editor.delete(`/v1/buckets/${bucket}/readings`), 202);
    expect((await viewer.get(`/v1/deletions/${id}`)).status).toBe(200);
    for (const verb of ['cancel', 'retry']) expect((await viewer.post(`/v1/deletions/${id}/${verb}`)).status).toBe(403);
    expect((await ended(id)).status).toBe('succeeded');
  });

  it('that is over can’t be cancelled, and one that succeeded can’t be tried again', async () => {
    const { id } = made(await deleteReadings(await makeBucket(acme, { product })), 202);
    await ended(id);
    for (const verb of ['cancel', 'retry']) {
      const answer = await acme.post(`/v1/deletions/${id}/${verb}`);
      expect([verb, answer.status, answer.body.type]).toEqual([verb, 409, 'urn:custodia:problem:conflict']);
    }
  });

  it('that waits, or runs, is cancelled, and can be tried again', async () => {
    // What deletes a bucket waits for what is in flight: three of them, of which two run at once.
    const buckets = await Promise.all([1, 2, 3].map(() => makeBucket(acme, { product })));
    await send(host.endpoints, two, 'telemetry', payload(3));
    for (const bucket of buckets) await holds(acme, bucket, 3);
    const ids: string[] = [];
    for (const bucket of buckets) ids.push(made(await acme.delete(`/v1/buckets/${bucket}`), 202).id);
    const states = async () =>
      Promise.all(ids.map(async (id) => (await acme.get(`/v1/deletions/${id}`)).body.status as string));
    await eventually(states, (all) => all.filter((status) => status === 'running').length === 2);
    expect((await states()).toSorted()).toEqual(['queued', 'running', 'running']);

    const all = await states();
    const [waiting = '', running = ''] = [ids[all.indexOf('queued')], ids[all.indexOf('running')]];
    expect(made(await acme.post(`/v1/deletions/${waiting}/cancel`), 200).status).toBe('cancelled');
    // The running one waits: it is told, and ends before its next step.
    expect(made(await acme.post(`/v1/deletions/${running}/cancel`), 200).status).toBe('running');
    expect((await acme.post(`/v1/deletions/${running}/retry`)).status).toBe(409);
    expect(await ended(running)).toMatchObject({ status: 'cancelled', finishedAt: expect.any(String) });

    const again = await acme.post(`/v1/deletions/${running}/retry`);
    expect([again.status, again.headers.get('location')]).toEqual([202, `/v1/deletions/${running}`]);
    await eventually(
      async () => (await acme.get(`/v1/deletions/${running}`)).body,
      ({ status }) => status === 'running',
    );
    for (const id of ids.filter((other) => other !== waiting)) expect((await ended(id)).status).toBe('succeeded');
  });
});

describe('what holds readings', () => {
  it('is gone at once when it is deleted, and its readings soon after', async () => {
    const line = await makeProduct(acme, 'Line');
    const [left, right] = [await makeDevice(acme, line, 'left'), await makeDevice(acme, line, 'right')];
    const [bucket, kept] = [await makeBucket(acme, { product: line }), await makeBucket(acme, { product: line })];
    made(await acme.put(`/v1/devices/${left.id}/properties/location`, { lat: 1 }));
    for (const device of [left, right]) await send(host.endpoints, device, 'telemetry', payload(6));
    await holds(acme, kept, 12);
    const of = (device: TestDevice) => (text: string) => text.includes(device.id);
    const before = await linesOf(kept);

    const gone = await acme.delete(`/v1/buckets/${bucket}`);
    expect([gone.status, (await acme.get(`/v1/buckets/${bucket}`)).status]).toEqual([202, 404]);
    const device = await acme.delete(`/v1/devices/${left.id}`);
    expect([device.status, (await acme.get(`/v1/devices/${left.id}`)).status]).toEqual([202, 404]);
    for (const { body } of [gone, device]) expect(await ended(body.id)).toMatchObject({ status: 'succeeded' });
    expect(await linesOf(kept)).toEqual(before.filter(of(right)));

    // With its product, a device goes, too.
    const whole = await acme.delete(`/v1/products/${line}`);
    expect([whole.status, (await acme.get(`/v1/products/${line}`)).status]).toEqual([202, 404]);
    await eventually(
      async () => (await acme.get(`/v1/devices/${right.id}`)).status,
      (status) => status === 404,
    );
    expect(await ended(whole.body.id)).toMatchObject({ status: 'succeeded' });
    expect(await linesOf(kept)).toEqual([]);
    // Nothing is left to do later.
    expect((await acme.delete(`/v1/buckets/${kept}`)).status).toBe(204);
  });
});

describe('a bucket that is deleted', () => {
  it('leaves no reading behind, where no answer shows them any more', async () => {
    // Of an account in which no other bucket collects the same.
    const line = await makeProduct(globex, 'Only');
    const device = await makeDevice(globex, line, 'only');
    const bucket = await makeBucket(globex, { product: line });
    await send(host.endpoints, device, 'telemetry', payload(12));
    await holds(globex, bucket, 12);
    const blocks = async () => (await itemsOnDisk(host.data)).filter((item) => item.includes(`#P#${line}#FRESH`));
    expect(await blocks()).not.toEqual([]);
    const { id } = made(await globex.delete(`/v1/buckets/${bucket}`), 202);
    expect(await jobOver(host, globex, id)).toMatchObject({ status: 'succeeded' });
    expect(await blocks()).toEqual([]);
  });
});

describe('a retention that changes', () => {
  it('is a job that leaves what is retained byte for byte', async () => {
    const line = await makeProduct(acme, 'Retained');
    const device = await makeDevice(acme, line, 'retained');
    const bucket = await makeBucket(acme, { product: line }, { retentionDays: 36_500 });
    await send(host.endpoints, device, 'telemetry', payload(12));
    await holds(acme, bucket, 12);
    const before = await linesOf(bucket);
    const newest = async () => made(await acme.get('/v1/deletions?limit=1'), 200).items[0];
    const earlier = await newest();
    made(await acme.patch(`/v1/buckets/${bucket}`, { retentionDays: 18_250 }, { headers: { 'if-match': '*' } }), 200);
    const job = await newest();
    expect(job.id).not.toBe(earlier?.id);
    expect(await ended(job.id)).toMatchObject({ status: 'succeeded', progress: { done: 1, total: 1 } });
    expect(await linesOf(bucket)).toEqual(before);
    expect(before).toHaveLength(12);
  });
});
