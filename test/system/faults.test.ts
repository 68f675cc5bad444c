/**
 * What fails on the way of a reading, and that nothing is lost, doubled or left in plain by it. Faults come through the control
 * socket. The functions' logs, where the host's README says they lie, tell a test that a fault has struck, and nothing else.
 */
import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { setTimeout } from 'node:timers/promises';
import type { MqttClient } from 'mqtt';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { clientToken, eventually, made, openAccount, type Program, program } from '../support/api.ts';
import { jobOver, linesIn } from '../support/deletions.ts';
import { connectDevice, makeDevice, makeProduct, publish, type TestDevice } from '../support/device.ts';
import { type Host, startHost } from '../support/host.ts';
import { readingsIn, rejectedOf, untilReadings, untilRejected, valuesIn } from '../support/ingest.ts';
import { holds, makeBucket, send, walk } from '../support/readings.ts';

/** How long the queue hides a message that was taken, and how often it gives it. */
const VISIBILITY_MS = 180_000;
const TRIES = 5;
/** Of the SDK, for one call to DynamoDB. */
const ATTEMPTS = 4;
/** How long ingest believes a certificate. */
const BELIEVED_MS = 15_000;
const MARK = 'marked-value';
const DAY_MS = 86_400_000;

let host: Host;
let acme: Program;
let device: TestDevice;
let client: MqttClient;
/** Two devices of a product of their own, whose readings three buckets collect: one of each goes, and a part of another bucket. */
let doomed: { all: string; part: string; whole: string; gone: TestDevice; stays: TestDevice };

beforeAll(async () => {
  host = await startHost();
  acme = await openAccount(host.endpoints);
  device = await makeDevice(acme, await makeProduct(acme));
  client = await connectDevice(host.endpoints, device);
});
afterEach(() => host?.control('heal'));
afterAll(async () => {
  await client?.endAsync(true);
  await host?.dispose();
});

/** A bucket for one stream, what publishes to it, and what of it was rejected. */
async function stream(name: string) {
  const bucket = await makeBucket(acme, { stream: name });
  const topic = device.topic(name);
  return {
    bucket,
    topic,
    send: (payload: unknown) => publish(client, topic, payload),
    rejected: async () => (await rejectedOf(acme)).filter((message) => message.topic === topic),
    untilRejected: () => untilRejected(acme, 1, (message) => message.topic === topic),
  };
}

const fail = (service: string, action: string, code: string, more: object = {}) =>
  host.control('fail', { service, action, code, ...more });
const advance = (ms: number) => host.control('clock', { advance: ms });

function logsOfIngest(): string {
  const logs = path.join(host.data, 'services/lambda/logs');
  const groups = readdirSync(logs).filter((group) => group.includes('Ingest'));
  return groups
    .flatMap((group) => readdirSync(path.join(logs, group)).map((file) => path.join(logs, group, file)))
    .map((file) => readFileSync(file, 'utf8'))
    .join('');
}

const failuresOfIngest = () => logsOfIngest().match(/A write of ingest failed|Invoke Error/g)?.length ?? 0;

/** Waits until ingest has failed once more than `before`. */
async function untilFailed(before: number): Promise<void> {
  const failures = await eventually(
    async () => failuresOfIngest(),
    (count) => count > before,
  );
  expect(failures).toBeGreaterThan(before);
}

const byV = (a: unknown, b: unknown) => (a as { v: number }).v - (b as { v: number }).v;
/** In an array, `v` alone would be SenML. */
const byW = (a: unknown, b: unknown) => (a as { w: number }).w - (b as { w: number }).w;

// First, because a host begins with the computer's own time.
describe('a host that is killed', () => {
  const values = Array.from({ length: 5 }, (_, v) => ({ v }));
  const T0 = Date.UTC(2026, 0, 1);
  let before: { stored: unknown[]; all: string[]; part: string[] };
  const deletions: string[] = [];
  let kept: Awaited<ReturnType<typeof stream>>;
  let lightsOut: Awaited<ReturnType<typeof stream>>;

  async function untilConnected(connected: boolean): Promise<void> {
    const ask = async () => made(await acme.get(`/v1/devices/${device.id}`), 200).connected;
    expect(await eventually(ask, (found) => found === connected)).toBe(connected);
  }

  beforeAll(async () => {
    kept = await stream('kept');
    await kept.send({ temperature: 21.5, ts: '2026-03-01T10:00:00.123Z' });
    const stored = await untilReadings(acme, kept.bucket, 1);

    const product = await makeProduct(acme, 'Doomed');
    const [gone, stays] = [await makeDevice(acme, product, 'gone'), await makeDevice(acme, product, 'stays')];
    const bucketOf = () => makeBucket(acme, { product });
    doomed = { all: await bucketOf(), part: await bucketOf(), whole: await bucketOf(), gone, stays };
    const sent = Array.from({ length: 20 }, (_, i) => ({ ts: T0 + i * 1000, i }));
    for (const sender of [gone, stays]) for (const name of ['a', 'b']) await send(host.endpoints, sender, name, sent);
    for (const bucket of [doomed.all, doomed.part, doomed.whole]) await holds(acme, bucket, 80);
    before = { stored, all: await linesIn(acme, doomed.all), part: await linesIn(acme, doomed.part) };

    lightsOut = await stream('lights-out');
    await untilConnected(true);
    client.on('error', () => undefined);
    for (const value of values) await lightsOut.send(value);
    const states = () => Promise.all(deletions.map(async (id) => (await acme.get(`/v1/deletions/${id}`)).body.status));
    const begin = async (path: string) => void deletions.push(made(await acme.delete(path), 202).id);
    await begin(`/v1/devices/${gone.id}`);
    await begin(`/v1/buckets/${doomed.whole}`);
    // Two run at once, and wait for what is in flight; the third waits for them.
    await eventually(states, (all) => all.every((status) => status === 'running'));
    await begin(`/v1/buckets/${doomed.part}/readings?from=${T0 + 3000}`);
    expect(await states()).toEqual(['running', 'running', 'queued']);
    await host.kill();
    await client.endAsync(true);
    host = await startHost({ data: host.data });
  }, 120_000);

  it('has after its restart what was stored, what it had just acknowledged, and nobody connected', async () => {
    // By a token of before.
    expect(await readingsIn(acme, kept.bucket)).toEqual(before.stored);
    acme = { ...acme, ...program(host.endpoints, await clientToken(host.endpoints, acme.client)) };
    await untilConnected(false);
    // What a worker had taken before is hidden until its time is over.
    await advance(VISIBILITY_MS);
    await untilReadings(acme, lightsOut.bucket, values.length);
    expect((await valuesIn(acme, lightsOut.bucket)).toSorted(byV)).toEqual(values);
    client = await connectDevice(host.endpoints, device);
    await untilConnected(true);
  });

  it('brings the deletions to their end that it had begun: what they were for is gone, and all else stays', async () => {
    for (const id of deletions) expect(await jobOver(host, acme, id)).toMatchObject({ status: 'succeeded' });
    for (const path of [`/v1/devices/${doomed.gone.id}`, `/v1/buckets/${doomed.whole}`])
      expect([path, (await acme.get(path)).status]).toEqual([path, 404]);
    const stays = (line: string) => line.includes(doomed.stays.id);
    const early = (line: string) => Date.parse(JSON.parse(line).ts) < T0 + 3000;
    expect(await linesIn(acme, doomed.all)).toEqual(before.all.filter(stays));
    expect(await linesIn(acme, doomed.part)).toEqual(before.part.filter((line) => stays(line) && early(line)));
    expect([before.all.filter(stays).length, before.part.filter((line) => stays(line) && early(line)).length]).toEqual([
      40, 6,
    ]);
  });
});

describe('a table that throttles', () => {
  it('delays what devices send: it comes again, and is stored once', async () => {
    const { bucket, send, rejected } = await stream('throttled');
    const before = failuresOfIngest();
    await fail('dynamodb', 'PutItem', 'ProvisionedThroughputExceededException', { status: 400, times: ATTEMPTS });
    await send({ v: MARK, ts: '2026-03-01T10:00:00Z' });
    await untilFailed(before);
    expect(await readingsIn(acme, bucket)).toEqual([]);
    await advance(VISIBILITY_MS);
    await untilReadings(acme, bucket, 1);
    expect(await rejected()).toEqual([]);
  });

  it('makes the API say so, as a problem, with a time to come again; the retry makes one thing', async () => {
    await fail('dynamodb', 'Query', 'ProvisionedThroughputExceededException', { status: 400 });
    await fail('dynamodb', 'TransactWriteItems', 'ThrottlingException', { status: 400 });
    const body = { name: 'retried', source: { stream: 'retried' } };
    const create = () => acme.post('/v1/buckets', body, { headers: { 'idempotency-key': 'one' } });
    for (const answer of await Promise.all([acme.get('/v1/buckets'), create()])) {
      expect(answer.status, answer.text).toBe(503);
      expect(Number(answer.headers.get('retry-after'))).toBeGreaterThan(0);
      expect(answer.headers.get('content-type')).toMatch(/^application\/problem\+json/);
      expect(answer.body).toMatchObject({ type: 'urn:custodia:problem:unavailable', status: 503 });
      expect(answer.text).not.toMatch(/Throughput|Throttling|dynamodb|\bat /i);
    }
    await host.control('heal');
    made(await create());
    const { items } = made(await acme.get('/v1/buckets'), 200);
    expect(items.filter(({ name }: { name: string }) => name === 'retried')).toHaveLength(1);
  });
});

describe('KMS out of reach', () => {
  it('nothing is stored in plain instead: messages wait, and are stored once KMS is back', async () => {
    // An account whose key ingest has never opened.
    const keyless = await openAccount(host.endpoints, 'Keyless');
    const sensor = await makeDevice(keyless, await makeProduct(keyless));
    const bucket = await makeBucket(keyless);
    const connection = await connectDevice(host.endpoints, sensor);
    const before = failuresOfIngest();
    await fail('kms', 'Decrypt', 'KMSInternalException', { status: 500 });
    await publish(connection, sensor.topic('telemetry'), { v: MARK });
    await publish(connection, sensor.topic('telemetry'), 'not json');
    await untilFailed(before);
    expect(filesWith(host.data, MARK)).toEqual([]);
    await host.control('heal');
    expect(await readingsIn(keyless, bucket)).toEqual([]);
    expect(await rejectedOf(keyless)).toEqual([]);
    await advance(VISIBILITY_MS);
    await untilReadings(keyless, bucket, 1);
    expect(await valuesIn(keyless, bucket)).toEqual([{ v: MARK }]);
    await untilRejected(keyless, 1, ({ reason }) => reason === 'not-json');
    expect(filesWith(host.data, MARK)).toEqual([]);
    await connection.endAsync();
  });
});

/** Files below a folder that hold a text as it is. */
function filesWith(directory: string, text: string): string[] {
  return readdirSync(directory, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => path.join(entry.parentPath, entry.name))
    .filter((file) => readFileSync(file).includes(text));
}

describe('an ingest that ends between its write and its acknowledgement', () => {
  it('writes again, and the reading shows once', async () => {
    // What a worker does once an hour, it has done then: the next put is the block's.
    const warm = await stream('warm');
    await warm.send({ w: 0 });
    await untilReadings(acme, warm.bucket, 1);
    const { bucket, send, rejected } = await stream('interrupted');
    const before = failuresOfIngest();
    await fail('dynamodb', 'PutItem', 'InternalServerError', { status: 500, when: 'after', times: ATTEMPTS });
    // So many as no other test sends at once: the counter shows when they were stored again.
    const values = Array.from({ length: 17 }, (_, w) => ({ w }));
    await send(values);
    await untilFailed(before);
    // Written, though nobody was told.
    await untilReadings(acme, bucket, values.length);
    await advance(VISIBILITY_MS);
    const storedAgain = async () => /"ReadingsStored":17\b/.test(logsOfIngest());
    expect(await eventually(storedAgain, Boolean)).toBe(true);
    expect((await valuesIn(acme, bucket)).toSorted(byW)).toEqual(values);
    expect(await rejected()).toEqual([]);
  });

  it('killed in the middle of its work, again and again, loses nothing and doubles nothing', async () => {
    const { bucket, send, rejected } = await stream('killed');
    const values = Array.from({ length: 10 }, (_, v) => ({ v }));
    for (const value of values) await send(value);
    // Longer than a batch waits for its messages, and more often than a worker takes to begin.
    for (const until = Date.now() + 2500; Date.now() < until; ) {
      await host.control('kill-worker', { function: 'queue/ingest' });
      await setTimeout(20);
    }
    expect(await readingsIn(acme, bucket)).toEqual([]);
    await advance(VISIBILITY_MS);
    await untilReadings(acme, bucket, values.length);
    expect((await valuesIn(acme, bucket)).toSorted(byV)).toEqual(values);
    expect(await rejected()).toEqual([]);
  });
});

describe('what can not be stored', () => {
  it('is tried five times, and then listed as rejected', async () => {
    const { bucket, topic, send, rejected, untilRejected } = await stream('unlucky');
    await fail('dynamodb', 'BatchGetItem', 'InternalServerError', { status: 500 });
    // So that no worker still believes the certificate.
    await advance(BELIEVED_MS);
    for (let tries = 1; tries <= TRIES; tries++) {
      const before = failuresOfIngest();
      if (tries === 1) await send({ v: MARK });
      else await advance(VISIBILITY_MS);
      await untilFailed(before);
      expect(await rejected()).toEqual([]);
    }
    await advance(VISIBILITY_MS);
    const [found] = await untilRejected();
    expect(found).toMatchObject({
      topic,
      device: device.id,
      reason: 'not-stored',
      detail: 'It could not be stored after several tries.',
      size: JSON.stringify({ v: MARK }).length,
    });
    await host.control('heal');
    await send({ v: 'next' });
    await untilReadings(acme, bucket, 1);
    expect(await valuesIn(acme, bucket)).toEqual([{ v: 'next' }]);
  });

  it('is listed at once where AWS IoT could not reach the queue', async () => {
    const { bucket, send, untilRejected } = await stream('queueless');
    await fail('sqs', 'SendMessage', 'ServiceUnavailable', { status: 503, times: 1 });
    await send({ v: MARK });
    const [found] = await untilRejected();
    expect(found).toMatchObject({ device: device.id, reason: 'not-stored' });
    expect(found?.size).toBe(JSON.stringify({ v: MARK }).length);
    expect(await readingsIn(acme, bucket)).toEqual([]);
  });
});

describe('a message that comes twice', () => {
  it('is one reading; another value of the same time is another reading', async () => {
    const { bucket, send } = await stream('twice');
    const ts = '2026-03-01T10:00:00.001Z';
    await send({ ts, a: 1, b: [2] });
    await send(`{"b": [2.0], "a": 1e0, "ts": ${Date.parse(ts)}}`);
    await untilReadings(acme, bucket, 1);
    await send([
      { ts, a: 1, b: [2] },
      { ts, a: 2 },
    ]);
    await untilReadings(acme, bucket, 2);
  });
});

// Moves the clock by days, hence last.
describe('a rejected message', () => {
  it('is on a page of its list, and vanishes after seven days', async () => {
    const account = await openAccount(host.endpoints, 'Forgetful');
    const sensor = await makeDevice(account, await makeProduct(account));
    const connection = await connectDevice(host.endpoints, sensor);
    for (let i = 0; i < 5; i++) await publish(connection, sensor.topic(`s${i}`), 'not json');
    const listed = await untilRejected(account, 5);
    const pages = await walk(account, '/v1/rejected-messages?limit=2');
    expect(pages.flatMap(({ body }) => body.items)).toEqual(listed);
    expect(pages.map(({ body }) => body.items.length)).toEqual([2, 2, 1]);

    const anew = async () => program(host.endpoints, await clientToken(host.endpoints, account.client));
    await advance(7 * DAY_MS - 120_000);
    expect(await rejectedOf(await anew())).toHaveLength(5);
    await advance(121_000);
    expect(await rejectedOf(await anew())).toEqual([]);
    await advance(60_000);
    expect(await host.control('reap')).toMatchObject({ ok: { removed: expect.any(Number) } });
    expect(await rejectedOf(await anew())).toEqual([]);
    await connection.endAsync(true);
  });
});

describe('through all of this', () => {
  it('no log held what a device sent', () => {
    expect(logsOfIngest()).not.toContain(MARK);
    expect(logsOfIngest()).toMatch(/A write of ingest failed/);
  });
});
