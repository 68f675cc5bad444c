/** From a device's message to readings, or to the list of rejected messages: what is kept, how it is dated, what is refused and why. */
import { randomBytes } from 'node:crypto';
import type { MqttClient } from 'mqtt';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { made, openAccount, operatorToken, type Program, request } from '../support/api.ts';
import { closed, connectDevice, makeDevice, makeProduct, publish, type TestDevice } from '../support/device.ts';
import { readingsIn, rejectedOf, untilReadings, untilRejected, valuesIn } from '../support/ingest.ts';
import { makeBucket } from '../support/readings.ts';
import { sharedHost } from '../support/shared-host.ts';

const DAY_MS = 86_400_000;

const host = sharedHost();
let acme: Program;
let product: string;
let device: TestDevice;
let client: MqttClient;

beforeAll(async () => {
  acme = await openAccount(host.endpoints);
  product = await makeProduct(acme);
  device = await makeDevice(acme, product);
  client = await connectDevice(host.endpoints, device);
});
afterAll(async () => {
  await client?.endAsync(true);
});

/** A bucket for one stream of the device, and what publishes to it. */
async function stream(name: string) {
  const bucket = await makeBucket(acme, { device: device.id, stream: name });
  return { bucket, send: (payload: unknown) => publish(client, device.topic(name), payload) };
}

const sorted = (values: readonly unknown[]) => values.map((value) => JSON.stringify(value)).sort();

describe.concurrent('what is kept', () => {
  it('is any JSON value, each element of an array a reading of its own, to the last digit', async () => {
    const { bucket, send } = await stream('kinds');
    const single = [
      { temperature: 21.5, nested: { list: [1, [2]] } },
      7,
      'text',
      null,
      true,
      { __proto__: null, a: {} },
    ];
    const list = [{ n: 1 }, 2, 'three', null, [4, 5], []];
    for (const value of single) await send(JSON.stringify(value));
    await send(JSON.stringify(list));
    await send('[]');
    await send('{"__proto__": {"polluted": 1}, "exact": 12345678901234567890.10}');
    const found = await untilReadings(acme, bucket, single.length + list.length + 1);
    const exact = found.findIndex(({ value }) => Object.hasOwn(Object(value), 'exact'));
    expect(Object.keys(found[exact]?.value as object)).toEqual(['__proto__', 'exact']);
    expect(sorted(found.toSpliced(exact, 1).map(({ value }) => value))).toEqual(sorted([...single, ...list]));
    const { text } = await acme.get(`/v1/buckets/${bucket}/readings`);
    expect(text).toContain('12345678901234567890.1');
  });

  it('is dated by its ts, which is taken out of the value', async () => {
    const { bucket, send } = await stream('dated');
    const dates: [unknown, string][] = [
      ['2026-03-01T10:00:00.123Z', '2026-03-01T10:00:00.123Z'],
      ['2026-03-01T10:00:01+05:30', '2026-03-01T04:30:01.000Z'],
      ['2026-03-01T10:00-0100', '2026-03-01T11:00:00.000Z'],
      ['2026-03-01T10:00:02.1239999Z', '2026-03-01T10:00:02.123Z'],
      [1772359203456, '2026-03-01T10:00:03.456Z'],
      [1772359204567.999, '2026-03-01T10:00:04.567Z'],
      [0, '1970-01-01T00:00:00.000Z'],
      ['2024-02-29T23:59:59Z', '2024-02-29T23:59:59.000Z'],
    ];
    await send(dates.map(([ts], i) => ({ ts, i })));
    // More digits than a double has.
    await send('{"ts": 1772359205678.99999999999999999, "i": 8}');
    const soon = new Date(Date.now() + DAY_MS - 60_000).toISOString();
    await send({ ts: soon, i: 9 });
    const found = await untilReadings(acme, bucket, dates.length + 2);
    const expected = [...dates.map(([, ts]) => ts), '2026-03-01T10:00:05.678Z', soon].map((ts, i) => ({
      ts,
      value: { i },
    }));
    expect(found.map(({ ts, value }) => ({ ts, value }))).toEqual(
      expected.sort((a, b) => Date.parse(a.ts) - Date.parse(b.ts)),
    );
  });

  it('is dated by its arrival where it has no ts', async () => {
    const { bucket, send } = await stream('arrival');
    const before = Date.now();
    await send({ timestamp: '2020-01-01T00:00:00Z', inner: { ts: 'not a date of the reading' } });
    const after = Date.now();
    const [found] = await untilReadings(acme, bucket, 1);
    expect(Date.parse(found?.ts ?? '')).toBeGreaterThanOrEqual(before);
    expect(Date.parse(found?.ts ?? '')).toBeLessThanOrEqual(after);
    expect(found?.value).toEqual({ timestamp: '2020-01-01T00:00:00Z', inner: { ts: 'not a date of the reading' } });
  });

  it('may have 64 levels and 128 KB, however badly it compresses', async () => {
    const { bucket, send } = await stream('large');
    const deep = `{"a":${'['.repeat(63)}${']'.repeat(63)}}`;
    await send(deep);
    const large = Array.from(
      { length: 4 },
      () =>
        `"${randomBytes(98_302)
          .toString('base64')
          .slice(0, 128 * 1024 - 2)}"`,
    );
    await Promise.all(large.map(send));
    await untilReadings(acme, bucket, 5);
    const kept = (await valuesIn(acme, bucket)).map((value) => JSON.stringify(value)).sort();
    expect(kept).toEqual([deep, ...large].sort());
  });
});

describe.concurrent('collecting', () => {
  it('follows the source of each bucket: product, device, stream, or everything', async () => {
    const [account, first] = await accountWithSender('Collector');
    const other = await makeDevice(account, await makeProduct(account, 'Barometer'));
    const second = { device: other, client: await connectDevice(host.endpoints, other) };
    const buckets = {
      everything: await makeBucket(account, {}),
      product: await makeBucket(account, { product: other.product }),
      device: await makeBucket(account, { device: first.device.id }),
      stream: await makeBucket(account, { stream: 'a' }),
      both: await makeBucket(account, { product: first.device.product, stream: 'b' }),
    };
    const messages = [first, second].flatMap((sender) => ['a', 'b'].map((name) => ({ sender, name })));
    for (const [i, { sender, name }] of messages.entries())
      await publish(sender.client, sender.device.topic(name), i + 1);
    await untilReadings(account, buckets.everything, messages.length);
    const seen = Object.entries(buckets).map(async ([name, id]) => [name, (await valuesIn(account, id)).sort()]);
    expect(Object.fromEntries(await Promise.all(seen))).toEqual({
      everything: [1, 2, 3, 4],
      product: [3, 4],
      device: [1, 2],
      stream: [1, 3],
      both: [2],
    });
    await Promise.all([first, second].map((sender) => sender.client.endAsync()));
  });

  it('begins with the bucket: what nothing collected before is neither kept nor listed', async () => {
    // An account of its own: a bucket for everything would collect it.
    const [strict, sender] = await accountWithSender('Strict');
    const marks = await makeBucket(strict, { stream: 'mark' });
    await publish(sender.client, sender.device.topic('before'), { lost: 'uncollected' });
    await publish(sender.client, sender.device.topic('mark'), 1);
    await untilReadings(strict, marks, 1);
    await publish(sender.client, sender.device.topic('mark'), 2);
    await untilReadings(strict, marks, 2);
    const late = await makeBucket(strict, {});
    await publish(sender.client, sender.device.topic('before'), { kept: 'collected' });
    const found = await untilReadings(strict, late, 1);
    expect(found[0]?.value).toEqual({ kept: 'collected' });
    expect(await rejectedOf(strict)).toEqual([]);
    await sender.client.endAsync();
  });

  it('never crosses accounts that publish at once', async () => {
    const pairs = await Promise.all(['North', 'South'].map((name) => accountWithSender(name)));
    const buckets = await Promise.all(pairs.map(([account]) => makeBucket(account, {})));
    await Promise.all(
      Array.from({ length: 40 }, (_, i) => {
        const [account, sender] = pairs[i % 2] as (typeof pairs)[number];
        return publish(sender.client, sender.device.topic('telemetry'), { of: account.account, i });
      }),
    );
    for (const [i, [account, sender]] of pairs.entries()) {
      const found = await untilReadings(account, buckets[i] ?? '', 20);
      expect(new Set(found.map(({ device }) => device))).toEqual(new Set([sender.device.id]));
      expect(found.every(({ value }) => (value as { of: string }).of === account.account)).toBe(true);
      expect((await account.get(`/v1/buckets/${buckets[1 - i]}/readings`)).status).toBe(404);
      await sender.client.endAsync();
    }
  });
});

async function accountWithSender(name: string) {
  const account = await openAccount(host.endpoints, name);
  const device = await makeDevice(account, await makeProduct(account));
  return [account, { device, client: await connectDevice(host.endpoints, device) }] as const;
}

describe.concurrent('a rejected message', () => {
  const MARK = 'marked-payload';
  const cases: [name: string, reason: string, payload: string | Buffer, detail: RegExp][] = [
    ['text', 'not-json', MARK, /JSON/],
    ['cut', 'not-json', `{"${MARK}": tru`, /JSON/],
    ['empty', 'not-json', '', /JSON/],
    ['two', 'not-json', '{} {}', /JSON \(at position 3\)/],
    ['nan', 'not-json', '{"a": NaN}', /JSON/],
    ['utf8', 'not-json', Buffer.from([0x22, 0xff, 0xfe, 0x22]), /UTF-8/],
    ['bom', 'not-json', Buffer.from('\u{feff}{}'), /JSON/],
    ['deep', 'too-deep', '['.repeat(65) + ']'.repeat(65), /64 levels/],
    ['bomb', 'too-deep', '{"a":'.repeat(20_000), /64 levels/],
    ['year', 'bad-timestamp', `{"ts": "9999-01-01T00:00:00Z", "v": "${MARK}"}`, /24 hours ahead/],
    ['ahead', 'bad-timestamp', JSON.stringify({ ts: Date.now() + DAY_MS + 3600_000 }), /24 hours ahead/],
    ['past', 'bad-timestamp', '{"ts": "1969-12-31T23:59:59.999Z"}', /before 1970/],
    ['minus', 'bad-timestamp', '{"ts": -0.5}', /before 1970/],
    ['offset', 'bad-timestamp', '{"ts": "2026-03-01T10:00:00"}', /offset/],
    ['february', 'bad-timestamp', '{"ts": "2026-02-30T10:00:00Z"}', /ISO 8601/],
    ['digits', 'bad-timestamp', '{"ts": "1772359200000"}', /epoch milliseconds/],
    ['null', 'bad-timestamp', '{"ts": null}', /ISO 8601/],
    ['huge', 'bad-timestamp', '{"ts": 1e400}', /24 hours ahead/],
  ];

  it('is listed newest first, with its reason and without its payload, and nothing of it is kept', async () => {
    const [account, sender] = await accountWithSender('Careless');
    const bucket = await makeBucket(account, {});
    for (const [name, , payload] of cases) await publish(sender.client, sender.device.topic(name), payload);
    const listed = await untilRejected(account, cases.length);
    expect(listed.map(({ receivedAt }) => receivedAt)).toEqual(
      listed
        .map(({ receivedAt }) => receivedAt)
        .sort()
        .reverse(),
    );
    for (const [name, reason, payload, detail] of cases) {
      const found = listed.find(({ topic }) => topic === sender.device.topic(name));
      expect(found, name).toEqual({
        id: expect.stringMatching(/^rej_[0-9a-z]{26}$/),
        receivedAt: expect.stringMatching(/^\d{4}-.*Z$/),
        topic: sender.device.topic(name),
        device: sender.device.id,
        reason,
        detail: expect.stringMatching(detail),
        size: Buffer.byteLength(payload),
      });
    }
    expect(JSON.stringify(listed)).not.toContain(MARK);
    expect(await readingsIn(account, bucket)).toEqual([]);
    const [other] = await accountWithSender('Onlooker');
    expect(await rejectedOf(other)).toEqual([]);
    await sender.client.endAsync();
  });

  it('may be a part of an array: the good readings are kept, the detail names the others', async () => {
    const { bucket, send } = await stream('partial');
    await send([{ v: 0 }, { v: 1, ts: 'yesterday' }, { v: 2 }, { v: 3, ts: -1 }]);
    await untilReadings(acme, bucket, 2);
    expect(sorted(await valuesIn(acme, bucket))).toEqual(sorted([{ v: 0 }, { v: 2 }]));
    const [found] = await untilRejected(acme, 1, ({ topic }) => topic === device.topic('partial'));
    expect(found?.reason).toBe('bad-timestamp');
    expect(found?.detail).toContain('2 of 4 readings');
    expect(found?.detail).toContain('1, 3');
  });

  it('is one whose topic has the wrong depth or names no stream', async () => {
    const [account, sender] = await accountWithSender('Astray');
    const bucket = await makeBucket(account, {});
    const topics = [
      sender.device.topic('a/b'),
      sender.device.topic(''),
      sender.device.topic('bad stream'),
      sender.device.topic('.x'),
    ];
    for (const topic of topics) await publish(sender.client, topic, 1);
    const listed = await untilRejected(account, topics.length);
    expect(listed.map(({ topic }) => topic).sort()).toEqual([...topics].sort());
    expect(new Set(listed.map(({ reason }) => reason))).toEqual(new Set(['bad-topic']));
    expect(await readingsIn(account, bucket)).toEqual([]);
    await sender.client.endAsync();
  });

  it('over 128 KB never gets that far: the broker ends the connection', async () => {
    const [account, sender] = await accountWithSender('Verbose');
    const bucket = await makeBucket(account, {});
    const ended = closed(sender.client);
    sender.client.publish(sender.device.topic('telemetry'), `"${'x'.repeat(128 * 1024 - 1)}"`, { qos: 1 });
    await ended;
    const again = await connectDevice(host.endpoints, sender.device);
    await publish(again, sender.device.topic('telemetry'), { v: 'still welcome' });
    const found = await untilReadings(account, bucket, 1);
    expect(found[0]?.value).toEqual({ v: 'still welcome' });
    expect(await rejectedOf(account)).toEqual([]);
    await again.endAsync();
  });
});

// These move the clock, hence last.
describe('in the course of time', () => {
  it('a suspended account has nothing stored: its messages are listed, until it goes on', async () => {
    const [account, sender] = await accountWithSender('Suspended');
    const bucket = await makeBucket(account, {});
    await publish(sender.client, sender.device.topic('telemetry'), { v: 'before' });
    await untilReadings(account, bucket, 1);
    const setStatus = async (status: string) => {
      const token = await operatorToken(host.endpoints);
      const path = `/v1/operator/accounts/${account.account}`;
      made(await request(host.endpoints, 'PATCH', path, { token, body: { status } }), 200);
      await host.control('clock', { advance: 31_000 });
    };
    await setStatus('suspended');
    await publish(sender.client, sender.device.topic('telemetry'), { v: 'while suspended' });
    // The account can't be asked now: what another one sent afterwards shows that the message is through.
    const { bucket: marks, send } = await stream('marks');
    for (const mark of [1, 2]) {
      await send(mark);
      await untilReadings(acme, marks, mark);
    }
    await setStatus('active');
    const [found] = await untilRejected(account, 1);
    expect(found).toMatchObject({ reason: 'account-suspended', device: sender.device.id });
    await publish(sender.client, sender.device.topic('telemetry'), { v: 'after' });
    await untilReadings(account, bucket, 2);
    expect(await valuesIn(account, bucket)).toEqual([{ v: 'before' }, { v: 'after' }]);
    await sender.client.endAsync();
  });
});
