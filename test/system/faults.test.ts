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
import { connectDevice, makeDevice, makeProduct, publish, type TestDevice } from '../support/device.ts';
import { type Host, startHost } from '../support/host.ts';
import { readingsIn, rejectedOf, untilReadings, untilRejected, valuesIn } from '../support/ingest.ts';
import { makeBucket } from '../support/readings.ts';

/** How long the queue hides a message that was taken, and how often it gives it. */
const VISIBILITY_MS = 180_000;
const TRIES = 5;
/** Of the SDK, for one call to DynamoDB. */
const ATTEMPTS = 4;
const MARK = 'marked-value';

let host: Host;

beforeAll(async () => {
  host = await startHost();
});
afterEach(() => host?.control('heal'));
afterAll(() => host?.dispose());

interface Sender {
  readonly account: Program;
  readonly device: TestDevice;
  readonly client: MqttClient;
  readonly bucket: string;
  send(payload: unknown, stream?: string): Promise<void>;
}

/** An account that no function has seen yet, with a device that is connected and a bucket for everything. */
async function newSender(name: string): Promise<Sender> {
  const account = await openAccount(host.endpoints, name);
  const device = await makeDevice(account, await makeProduct(account));
  const bucket = await makeBucket(account, {});
  const client = await connectDevice(host.endpoints, device);
  const send = (payload: unknown, stream = 'telemetry') => publish(client, device.topic(stream), payload);
  return { account, device, bucket, client, send };
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

// First, because a host begins with the computer's own time.
describe('a host that is killed', () => {
  it('right after an acknowledgement has the reading after its restart, and nobody connected', async () => {
    const { account, device, bucket, client, send } = await newSender('Lights out');
    client.on('error', () => undefined);
    const isConnected = async (of: Pick<Program, 'get'>) =>
      made(await of.get(`/v1/devices/${device.id}`), 200).connected;
    expect(await eventually(() => isConnected(account), Boolean)).toBe(true);
    for (let v = 0; v < 5; v++) await send({ v });
    await host.kill();
    host = await startHost({ data: host.data });
    const again = program(host.endpoints, await clientToken(host.endpoints, account.client));
    // What a worker had taken before is hidden until its time is over.
    await advance(VISIBILITY_MS);
    await untilReadings(again, bucket, 5);
    expect((await valuesIn(again, bucket)).toSorted(byV)).toEqual([0, 1, 2, 3, 4].map((v) => ({ v })));
    expect(
      await eventually(
        () => isConnected(again),
        (connected) => !connected,
      ),
    ).toBe(false);
    await client.endAsync(true);
  });
});

describe('a table that throttles', () => {
  it('delays what devices send: it comes again, and is stored once', async () => {
    const { account, bucket, client, send } = await newSender('Throttled');
    const before = failuresOfIngest();
    await fail('dynamodb', 'PutItem', 'ProvisionedThroughputExceededException', { status: 400, times: ATTEMPTS });
    await send({ v: MARK, ts: '2026-03-01T10:00:00Z' });
    await untilFailed(before);
    expect(await readingsIn(account, bucket)).toEqual([]);
    await advance(VISIBILITY_MS);
    await untilReadings(account, bucket, 1);
    expect(await rejectedOf(account)).toEqual([]);
    await client.endAsync();
  });

  it('makes the API say so, as a problem, with a time to come again; the retry makes one thing', async () => {
    const account = await openAccount(host.endpoints, 'Busy');
    await makeBucket(account, {});
    await fail('dynamodb', 'Query', 'ProvisionedThroughputExceededException', { status: 400 });
    const listing = await account.get('/v1/buckets');
    await fail('dynamodb', 'TransactWriteItems', 'ThrottlingException', { status: 400 });
    const body = { name: 'retried', source: {} };
    const headers = { 'idempotency-key': 'one' };
    const creating = await account.post('/v1/buckets', body, { headers });
    for (const answer of [listing, creating]) {
      expect(answer.status, answer.text).toBe(503);
      expect(Number(answer.headers.get('retry-after'))).toBeGreaterThan(0);
      expect(answer.headers.get('content-type')).toMatch(/^application\/problem\+json/);
      const problem = JSON.parse(answer.text);
      expect(problem).toMatchObject({ type: 'urn:custodia:problem:unavailable', status: 503 });
      expect(answer.text).not.toMatch(/Throughput|Throttling|dynamodb|\bat /i);
    }
    await host.control('heal');
    made(await account.post('/v1/buckets', body, { headers }));
    const { items } = made(await account.get('/v1/buckets'), 200);
    expect(items.map(({ name }: { name: string }) => name)).toEqual(['bucket', 'retried']);
  });
});

describe('KMS out of reach', () => {
  it('nothing is stored in plain instead: messages wait, and are stored once KMS is back', async () => {
    const { account, bucket, client, send } = await newSender('Keyless');
    const before = failuresOfIngest();
    await fail('kms', 'Decrypt', 'KMSInternalException', { status: 500 });
    await send({ v: MARK });
    await send('not json');
    await untilFailed(before);
    expect(filesWith(host.data, MARK)).toEqual([]);
    await host.control('heal');
    expect(await readingsIn(account, bucket)).toEqual([]);
    expect(await rejectedOf(account)).toEqual([]);
    await advance(VISIBILITY_MS);
    await untilReadings(account, bucket, 1);
    expect(await valuesIn(account, bucket)).toEqual([{ v: MARK }]);
    await untilRejected(account, 1, ({ reason }) => reason === 'not-json');
    expect(filesWith(host.data, MARK)).toEqual([]);
    await client.endAsync();
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
    const { account, bucket, client, send } = await newSender('Interrupted');
    const before = failuresOfIngest();
    await fail('dynamodb', 'PutItem', 'InternalServerError', { status: 500, when: 'after', times: ATTEMPTS });
    await send([{ v: 1 }, { v: 2 }]);
    await untilFailed(before);
    // Written, though nobody was told.
    await untilReadings(account, bucket, 2);
    await advance(VISIBILITY_MS);
    // A later message is through, and so is the one that came again.
    await send({ v: 3 });
    await untilReadings(account, bucket, 3);
    await eventually(
      async () => logsOfIngest().match(/"ReadingsStored":2\D/g)?.length ?? 0,
      (count) => count > 0,
    );
    expect((await valuesIn(account, bucket)).toSorted(byV)).toEqual([{ v: 1 }, { v: 2 }, { v: 3 }]);
    expect(await rejectedOf(account)).toEqual([]);
    await client.endAsync();
  });

  it('killed in the middle of its work, again and again, loses nothing and doubles nothing', async () => {
    const { account, bucket, client, send } = await newSender('Killed');
    const values = Array.from({ length: 10 }, (_, v) => ({ v }));
    for (const value of values) await send(value);
    // Longer than a batch waits for its messages, and more often than a worker takes to begin.
    for (const until = Date.now() + 2500; Date.now() < until; ) {
      await host.control('kill-worker', { function: 'queue/ingest' });
      await setTimeout(20);
    }
    expect(await readingsIn(account, bucket)).toEqual([]);
    await advance(VISIBILITY_MS);
    await untilReadings(account, bucket, values.length);
    expect((await valuesIn(account, bucket)).toSorted(byV)).toEqual(values);
    expect(await rejectedOf(account)).toEqual([]);
    await client.endAsync();
  });
});

describe('what can not be stored', () => {
  it('is tried five times, and then listed as rejected', async () => {
    const { account, device, bucket, client, send } = await newSender('Unlucky');
    await fail('dynamodb', 'BatchGetItem', 'InternalServerError', { status: 500 });
    for (let tries = 1; tries <= TRIES; tries++) {
      const before = failuresOfIngest();
      if (tries === 1) await send({ v: MARK });
      else await advance(VISIBILITY_MS);
      await untilFailed(before);
      expect(await rejectedOf(account)).toEqual([]);
    }
    await advance(VISIBILITY_MS);
    const [found] = await untilRejected(account, 1);
    expect(found).toMatchObject({
      topic: device.topic('telemetry'),
      device: device.id,
      reason: 'not-stored',
      detail: 'It could not be stored after several tries.',
      size: JSON.stringify({ v: MARK }).length,
    });
    await host.control('heal');
    await send({ v: 'next' });
    await untilReadings(account, bucket, 1);
    expect(await valuesIn(account, bucket)).toEqual([{ v: 'next' }]);
    await client.endAsync();
  });

  it('is listed at once where AWS IoT could not reach the queue', async () => {
    const { account, device, bucket, client, send } = await newSender('Queueless');
    // A presence event goes the same way: let it pass first.
    await eventually(
      async () => made(await account.get(`/v1/devices/${device.id}`), 200),
      ({ connected }) => connected,
    );
    await fail('sqs', 'SendMessage', 'ServiceUnavailable', { status: 503, times: 1 });
    await send({ v: MARK });
    const [found] = await untilRejected(account, 1);
    expect(found).toMatchObject({ topic: device.topic('telemetry'), device: device.id, reason: 'not-stored' });
    expect(found?.size).toBe(JSON.stringify({ v: MARK }).length);
    expect(await readingsIn(account, bucket)).toEqual([]);
    await client.endAsync();
  });
});

describe('a message that comes twice', () => {
  it('is one reading; another value of the same time is another reading', async () => {
    const { account, bucket, client, send } = await newSender('Twice');
    const ts = '2026-03-01T10:00:00.001Z';
    await send({ ts, a: 1, b: [2] });
    await send(`{"b": [2.0], "a": 1e0, "ts": ${Date.parse(ts)}}`);
    await untilReadings(account, bucket, 1);
    await send([
      { ts, a: 1, b: [2] },
      { ts, a: 2 },
    ]);
    await send({ ts, a: 1, b: [2] }, 'other-stream');
    await untilReadings(account, bucket, 3);
    await client.endAsync();
  });
});

describe('through all of this', () => {
  it('no log held what a device sent', () => {
    expect(logsOfIngest()).not.toContain(MARK);
    expect(logsOfIngest()).toMatch(/A write of ingest failed/);
  });
});
