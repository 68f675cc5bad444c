/** Every way in but plain MQTT: readings that a program writes, SenML, and connectors of gateways and LoRaWAN networks. */
import { beforeAll, describe, expect, it } from 'vitest';
import {
  type Answer,
  clientToken,
  made,
  openAccount,
  operatorToken,
  type Program,
  program,
  request,
} from '../support/api.ts';
import { makeDevice, makeProduct, type TestDevice } from '../support/device.ts';
import { readingsIn, rejectedOf, untilReadings, untilRejected, valuesIn } from '../support/ingest.ts';
import { chirpStackUplink, makeConnector, post, thingsStackUplink } from '../support/networks.ts';
import { makeBucket, send } from '../support/readings.ts';
import { sharedHost } from '../support/shared-host.ts';

const host = sharedHost();
let acme: Program;
let other: Program;
let product: string;
let device: TestDevice;

beforeAll(async () => {
  acme = await openAccount(host.endpoints);
  other = await openAccount(host.endpoints, 'Other');
  product = await makeProduct(acme);
  device = await makeDevice(acme, product);
});

const write = (bucket: string, ...readings: object[]) => acme.post(`/v1/buckets/${bucket}/readings`, { readings });
const of = (stream: string, value: unknown, more: object = {}) => ({ device: device.id, stream, value, ...more });

describe('a program that writes readings', () => {
  it('reads them back as it wrote them, from the bucket that it named alone', async () => {
    const bucket = await makeBucket(acme, { product });
    const beside = await makeBucket(acme, { product });
    const before = Date.now();
    const answer = await write(
      bucket,
      of('a', { temperature: 21.5 }, { ts: '2026-03-01T10:00:00.123999+01:00' }),
      of('a', [1, null], { ts: 1772359200000 }),
      of('b', 'text'),
    );
    expect([answer.status, answer.body]).toEqual([200, { stored: 3, duplicates: 0 }]);
    const found = await readingsIn(acme, bucket);
    expect(found.slice(0, 2)).toEqual([
      { ts: '2026-03-01T09:00:00.123Z', device: device.id, stream: 'a', value: { temperature: 21.5 } },
      { ts: '2026-03-01T10:00:00.000Z', device: device.id, stream: 'a', value: [1, null] },
    ]);
    expect(found[2]).toMatchObject({ stream: 'b', value: 'text' });
    expect(Date.parse(found[2]?.ts ?? '')).toBeGreaterThanOrEqual(before);
    expect(await readingsIn(acme, beside)).toEqual([]);
  });

  it('may send the same again: what is equal is told, and one', async () => {
    const bucket = await makeBucket(acme, { product });
    const at = (ts: number, value: unknown) => of('twice', value, { ts });
    const first = await write(bucket, at(1000, { a: 1, b: 2 }), at(1000, { b: 2, a: 1 }), at(1000, { a: 2 }));
    expect(first.body).toEqual({ stored: 2, duplicates: 1 });
    const second = await write(bucket, at(1000, { a: 1, b: 2.0 }), at(2000, { a: 1, b: 2 }), at(1000, { a: 2 }));
    expect(second.body).toEqual({ stored: 1, duplicates: 2 });
    expect(await valuesIn(acme, bucket)).toHaveLength(3);
    // Equal in another bucket is new there.
    expect((await write(await makeBucket(acme, { stream: 'twice' }), at(1000, { a: 2 }))).body).toEqual({
      stored: 1,
      duplicates: 0,
    });
  });

  it('keeps the first of equal ones as it is written, in one request and from one to the next', async () => {
    const bucket = await makeBucket(acme, { stream: 'first' });
    const reading = (value: string) => `{"device":"${device.id}","stream":"first","ts":1000,"value":${value}}`;
    const [first, ...equal] = [
      '{"b":2,"a":9007199254740993.0}',
      '{"a":9007199254740993,"b":2.0}',
      '{"a":90071992547409930e-1,"b":2}',
    ];
    const post = (...values: (string | undefined)[]) =>
      acme.post(`/v1/buckets/${bucket}/readings`, undefined, {
        raw: `{"readings":[${values.map((value) => reading(String(value))).join()}]}`,
      });
    expect((await post(first, ...equal)).body).toEqual({ stored: 1, duplicates: 2 });
    expect((await post(...equal)).body).toEqual({ stored: 0, duplicates: 2 });
    const { text } = await acme.get(`/v1/buckets/${bucket}/readings`);
    expect(text).toContain(`"value":${first}`);
  });

  it('keeps every digit and 64 levels', async () => {
    const bucket = await makeBucket(acme, { stream: 'exact' });
    const deep = `${'['.repeat(64)}${']'.repeat(64)}`;
    const raw = `{"readings":[{"device":"${device.id}","stream":"exact","ts":1772359200000.99999999999999999,"value":{"n":12345678901234567890.10}},
      {"device":"${device.id}","stream":"exact","ts":5,"value":${deep}}]}`;
    const answer = await acme.post(`/v1/buckets/${bucket}/readings`, undefined, { raw });
    expect(answer.body, answer.text).toEqual({ stored: 2, duplicates: 0 });
    const { text } = await acme.get(`/v1/buckets/${bucket}/readings`);
    expect(text).toContain('12345678901234567890.1');
    expect(text).toContain(deep);
    expect(text).toContain('2026-03-01T10:00:00.000Z');
  });

  it('gets a pointer to everything that is wrong, and nothing is stored', async () => {
    const foreign = await makeDevice(other, await makeProduct(other));
    const outside = await makeDevice(acme, await makeProduct(acme, 'Barometer'));
    const bucket = await makeBucket(acme, { product, stream: 'checked' });
    const good = of('checked', 1);
    const answer = await write(
      bucket,
      good,
      { ...good, device: foreign.id },
      { ...good, device: outside.id },
      { ...good, stream: 'other' },
      { ...good, ts: '2026-03-01T10:00:00' },
      { ...good, ts: Date.now() + 90_000_000 },
      { ...good, ts: -1 },
      { ...good, value: JSON.parse(`${'['.repeat(65)}${']'.repeat(65)}`) },
      { ...good, value: 'x'.repeat(128 * 1024) },
    );
    expect(answer.status, answer.text).toBe(400);
    expect(answer.body.errors.map(({ pointer }: { pointer: string }) => pointer)).toEqual(
      ['1/device', '2/device', '3/stream', '4/ts', '5/ts', '6/ts', '7/value', '8/value'].map((at) => `/readings/${at}`),
    );
    const nobodys = await write(bucket, { ...good, device: 'dev_00000000000000000000000000' });
    expect(nobodys.body.errors[0].detail).toBe(answer.body.errors[0].detail);
    const { value: _, ...without } = good;
    for (const [readings, pointer] of [
      [[without], '/readings/0/value'],
      [[{ ...good, ts: true }], '/readings/0/ts'],
      [[{ ...good, unit: 'V' }], '/readings/0/unit'],
      [[], '/readings'],
      [Array.from({ length: 1001 }, () => good), '/readings'],
    ] as const) {
      const refused = await write(bucket, ...readings);
      expect([refused.status, refused.body.errors[0].pointer], refused.text).toEqual([400, pointer]);
    }
    const all = await write(bucket, ...Array.from({ length: 1000 }, () => ({ ...good, ts: 'no' })));
    expect(all.body.errors).toHaveLength(1000);
    expect(await readingsIn(acme, bucket)).toEqual([]);
  });

  it('writes a thousand at once, 1 MB in all', async () => {
    const bucket = await makeBucket(acme, { stream: 'many' });
    const readings = Array.from({ length: 1000 }, (_, i) => of('many', { i, fill: 'x'.repeat(880) }, { ts: 1000 + i }));
    const answer = await write(bucket, ...readings);
    expect(answer.body, answer.text.slice(0, 300)).toEqual({ stored: 1000, duplicates: 0 });
    expect(await readingsIn(acme, bucket)).toHaveLength(1000);
    const large = await write(bucket, of('many', 'x'.repeat(1024 * 1024)));
    expect([large.status, large.body.type]).toEqual([413, 'urn:custodia:problem:too-large']);
    expect(await readingsIn(acme, bucket)).toHaveLength(1000);
  });

  it('sends JSON, and no query', async () => {
    const bucket = await makeBucket(acme, { stream: 'typed' });
    const path = `/v1/buckets/${bucket}/readings`;
    const raw = JSON.stringify({ readings: [of('typed', 1)] });
    for (const type of ['text/plain', 'application/senml+json', 'application/x-www-form-urlencoded']) {
      const refused = await acme.post(path, undefined, { raw, headers: { 'content-type': type } });
      const { status, body } = refused;
      expect([type, status, body.type]).toEqual([type, 415, 'urn:custodia:problem:unsupported-media-type']);
    }
    const asked = await acme.post(`${path}?stream=typed`, undefined, { raw });
    expect([asked.status, asked.body.errors], asked.text).toMatchObject([400, [{ pointer: '/query/stream' }]]);
    expect(await readingsIn(acme, bucket)).toEqual([]);
    expect((await acme.post(path, undefined, { raw })).body).toEqual({ stored: 1, duplicates: 0 });
  });
});

describe('SenML', () => {
  const base = 'urn:dev:ow:10e2073a01080063:';
  const pack = [
    { bn: base, bt: 1772359200, n: 'voltage', u: 'V', v: 120.1 },
    { n: 'current', t: -1, u: 'A', v: 1.2 },
    { n: 'current', u: 'A', v: 1.3 },
  ];
  const expected = [
    { ts: '2026-03-01T09:59:59.000Z', value: { current: 1.2, _units: { current: 'A' } } },
    { ts: '2026-03-01T10:00:00.000Z', value: { voltage: 120.1, current: 1.3, _units: { voltage: 'V', current: 'A' } } },
  ];

  it('over MQTT is a reading for each time; what is malformed is listed', async () => {
    const bucket = await makeBucket(acme, { device: device.id, stream: 'senml' });
    await send(host.endpoints, device, 'senml', pack, [
      { n: 'a', v: 1 },
      { n: 'not a name', v: 2 },
    ]);
    expect(await untilReadings(acme, bucket, 2)).toMatchObject(expected);
    const [listed] = await untilRejected(acme, 1, ({ reason }) => reason === 'bad-senml');
    expect(listed).toMatchObject({ device: device.id, detail: expect.stringMatching(/^Record 1 \(from 0\)/) });
  });

  it('over HTTP goes to the device that its names tell, or that the query tells', async () => {
    const bucket = await makeBucket(acme, { product, stream: 'telemetry' });
    const named = made(await acme.post('/v1/devices', { name: 'ow', product, serialNumber: '10E2073A01080063' })).id;
    const connector = await makeConnector(acme, 'senml', product);
    const type = 'application/senml+json';
    const answer = await post(host.endpoints, connector, pack, { type });
    expect(answer.body, answer.text).toEqual({ stored: 2, uncollected: 0, rejected: 0, ignored: 0 });
    expect(await readingsIn(acme, bucket)).toMatchObject(expected.map((one) => ({ ...one, device: named })));
    const query = `?device=${device.id}`;
    expect((await post(host.endpoints, connector, [{ n: 'a', t: 3e8, v: 1 }], { query })).body.stored).toBe(1);
    expect((await readingsIn(acme, bucket))[0]).toMatchObject({ device: device.id, value: { a: 1 } });
    const bad = await post(host.endpoints, connector, [{ n: 'a', v: 1, must_: 1 }]);
    expect([bad.status, bad.body]).toEqual([200, { stored: 0, uncollected: 0, rejected: 1, ignored: 0 }]);
  });
});

describe('a connector', () => {
  it('is created with a secret that is shown once, read without it, and found by nobody else', async () => {
    const body = { name: 'Roof', kind: 'json', product };
    const headers = { 'idempotency-key': 'connector-1' };
    const answer = await acme.post('/v1/connectors', body, { headers });
    const { secret, ...shown } = made(answer);
    expect(shown).toEqual({
      ...body,
      id: expect.stringMatching(/^con_/),
      createDevices: false,
      url: `${host.endpoints.api}/v1/ingest/${shown.id}`,
      createdAt: expect.any(String),
      updatedAt: expect.any(String),
    });
    expect(Buffer.from(secret, 'base64url').length).toBe(32);
    expect((await acme.post('/v1/connectors', body, { headers })).body).toEqual(shown);
    expect(made(await acme.get(answer.headers.get('location') ?? ''), 200)).toEqual(shown);
    expect((await acme.get('/v1/connectors?limit=200')).body.items).toContainEqual(shown);
    expect((await other.get(`/v1/connectors/${shown.id}`)).status).toBe(404);
    expect((await other.delete(`/v1/connectors/${shown.id}`)).status).toBe(404);
    expect((await other.post('/v1/connectors', body)).status).toBe(404);
  });

  it('needs its own secret: whatever else is shown gets one and the same refusal', async () => {
    const connector = await makeConnector(acme, 'json', product);
    const another = await makeConnector(acme, 'json', product);
    const body = { device: device.id, value: 1 };
    const refusals = await Promise.all(
      [
        { ...connector, secret: another.secret },
        { ...connector, secret: `${connector.secret.slice(0, -1)}_` },
        { ...connector, secret: acme.token },
        { ...connector, id: 'con_00000000000000000000000000' },
        { ...connector, id: 'nobodys' },
      ].map((shown) => post(host.endpoints, shown, body)),
    );
    refusals.push(await request(host.endpoints, 'POST', `/v1/ingest/${connector.id}`, { body }));
    const told = refusals.map(({ status, body: { requestId: _, ...problem } }) => ({ status, problem }));
    for (const one of told) expect(one).toEqual(told[0]);
    expect(told[0]).toMatchObject({ status: 401, problem: { type: 'urn:custodia:problem:invalid-token' } });
    expect((await post(host.endpoints, connector, body)).status).toBe(200);
    expect((await request(host.endpoints, 'GET', '/v1/products', { token: connector.secret })).status).toBe(401);
  });

  it('takes JSON: one reading or a list, by serial number or id; the bad ones are listed, the good ones kept', async () => {
    const own = await makeProduct(acme, 'Gateway');
    const bucket = await makeBucket(acme, { product: own, stream: 'telemetry' });
    const serialNumber = 'Boiler 7';
    const { id } = made(await acme.post('/v1/devices', { name: 'boiler', product: own, serialNumber }));
    const connector = await makeConnector(acme, 'json', own);
    const ts = '2026-03-01T10:00:00Z';
    expect((await post(host.endpoints, connector, { device: serialNumber, ts, value: { t: 1 } })).body.stored).toBe(1);
    const answer = await post(host.endpoints, connector, [
      { device: id, ts, value: { t: 2 } },
      { device: id, ts, stream: 'uncollected', value: 3 },
      { device: 'Boiler 8', ts, value: 4 },
      { device: device.id, ts, value: 5 },
      { device: id, ts: 'yesterday', value: 6 },
      { device: id, value: 7, unit: 'K' },
    ]);
    expect([answer.status, answer.body]).toEqual([200, { stored: 1, uncollected: 1, rejected: 4, ignored: 0 }]);
    expect(await valuesIn(acme, bucket)).toEqual([{ t: 1 }, { t: 2 }]);
    const listed = (await rejectedOf(acme)).filter(({ topic }) => topic === `ingest/${connector.id}`);
    expect(Object.fromEntries(listed.map(({ reason, detail }) => [reason, detail]))).toEqual({
      'unknown-device': `No device of the connector’s product has this id or serial number: Boiler 8, ${device.id}`,
      'bad-timestamp': 'Not a time, before 1970, or more than 24 hours ahead: /4/ts',
      'bad-payload': 'Not what a connector of this kind takes: /5/…',
    });
    for (const raw of ['{', '', '[1,']) {
      const refused = await request(host.endpoints, 'POST', `/v1/ingest/${connector.id}`, {
        token: connector.secret,
        raw,
      });
      expect(refused.status, raw).toBe(400);
    }
  });

  it('of The Things Stack: an uplink is a reading, its replay is the same one, other events are ignored', async () => {
    const bucket = await makeBucket(acme, { product, stream: 'uplink' });
    const lora = made(
      await acme.post('/v1/devices', { name: 'lora', product, serialNumber: '00-04-a3-0b-00-1c-05-30' }),
    );
    const connector = await makeConnector(acme, 'the-things-stack', product);
    // As curl would.
    const webhook = () =>
      fetch(connector.url, {
        method: 'POST',
        headers: { authorization: `Bearer ${connector.secret}`, 'content-type': 'application/json' },
        body: JSON.stringify(thingsStackUplink('0004A30B001C0530')),
      });
    for (const answer of await Promise.all([webhook(), webhook()])) expect(answer.status).toBe(200);
    expect(await readingsIn(acme, bucket)).toEqual([
      {
        ts: '2026-02-12T15:15:45.576Z',
        device: lora.id,
        stream: 'uplink',
        value: { temperature: 21.5, luminosity: 0.49, lorawan: { port: 15, rssi: -112, snr: 9.199999809265137 } },
      },
    ]);
    const { uplink_message: _, ...ids } = thingsStackUplink('0004A30B001C0530');
    const joined = await post(host.endpoints, connector, {
      ...ids,
      join_accept: { session_key_id: 'AXBSH1Pk6Z0G166' },
    });
    expect([joined.status, joined.body]).toEqual([200, { stored: 0, uncollected: 0, rejected: 0, ignored: 1 }]);
  });

  it('of ChirpStack: an uplink without a codec keeps its payload; an unknown device is listed', async () => {
    const own = await makeProduct(acme, 'LoRa');
    const bucket = await makeBucket(acme, { product: own });
    const connector = await makeConnector(acme, 'chirpstack', own);
    const query = '?event=up';
    const unknown = await post(host.endpoints, connector, chirpStackUplink('0101010101010101'), { query });
    expect([unknown.status, unknown.body]).toEqual([200, { stored: 0, uncollected: 0, rejected: 1, ignored: 0 }]);
    await untilRejected(acme, 1, ({ reason, topic }) => reason === 'unknown-device' && topic.endsWith(connector.id));
    // The serial number is given later, and taken away again.
    const { id } = made(await acme.post('/v1/devices', { name: 'late', product: own }));
    const number = (serialNumber: string | null) =>
      acme.patch(`/v1/devices/${id}`, { serialNumber }, { headers: { 'if-match': '*' } });
    made(await number('0101010101010101'), 200);
    expect((await post(host.endpoints, connector, chirpStackUplink('0101010101010101'), { query })).body.stored).toBe(
      1,
    );
    expect(await readingsIn(acme, bucket)).toMatchObject([
      {
        ts: '2026-02-18T09:34:15.775Z',
        device: id,
        value: { lorawan: { port: 1, rssi: -36, snr: 10.5, payload: 'qg==' } },
      },
    ]);
    made(await number(null), 200);
    expect((await post(host.endpoints, connector, chirpStackUplink('0101010101010101'), { query })).body.rejected).toBe(
      1,
    );
    const status = await post(host.endpoints, connector, { deviceInfo: {}, margin: 5 }, { query: '?event=status' });
    expect(status.body).toMatchObject({ rejected: 0, ignored: 1 });
  });

  it('that makes devices makes one, however many uplinks come at once; a deleted one comes back as another', async () => {
    const own = await makeProduct(acme, 'Made');
    const bucket = await makeBucket(acme, { product: own });
    const connector = await makeConnector(acme, 'chirpstack', own, { createDevices: true });
    const uplinks = Array.from({ length: 8 }, (_, i) =>
      chirpStackUplink('0202020202020202', { time: `2026-02-18T09:34:0${i}Z`, object: { i } }),
    );
    const answers = await Promise.all(
      uplinks.map((uplink) => post(host.endpoints, connector, uplink, { query: '?event=up' })),
    );
    expect(answers.map(({ status, body }) => [status, body.stored])).toEqual(uplinks.map(() => [200, 1]));
    const devices = made(await acme.get(`/v1/devices?product=${own}`), 200).items;
    expect(devices).toMatchObject([{ name: 'Test device', serialNumber: '0202020202020202' }]);
    const found = await readingsIn(acme, bucket);
    expect(new Set(found.map((reading) => reading.device))).toEqual(new Set([devices[0].id]));
    expect(found).toHaveLength(8);
    // It is a device like any other.
    made(await acme.post(`/v1/devices/${devices[0].id}/credentials`, { kind: 'certificate' }));

    // Nothing collects it, so that it may be deleted.
    const loose = await makeProduct(acme, 'Loose');
    const another = await makeConnector(acme, 'chirpstack', loose, { createDevices: true });
    const arrives = async () => {
      const answer = await post(host.endpoints, another, chirpStackUplink('0303030303030303'), { query: '?event=up' });
      expect(answer.body, answer.text).toMatchObject({ uncollected: 1, rejected: 0 });
      const [only, ...more] = made(await acme.get(`/v1/devices?product=${loose}`), 200).items;
      expect(more).toEqual([]);
      return only.id;
    };
    const before = await arrives();
    expect(await arrives()).toBe(before);
    expect((await acme.delete(`/v1/devices/${before}`)).status).toBe(204);
    expect(await arrives()).not.toBe(before);
  });

  it('takes 1 MB of JSON, and the queries that it knows: all else is refused, and neither stored nor listed', async () => {
    const own = await makeProduct(acme, 'Strict');
    const bucket = await makeBucket(acme, { product: own });
    const { id } = made(await acme.post('/v1/devices', { name: 'strict', product: own }));
    const connector = await makeConnector(acme, 'json', own);
    const uplink = { device: id, value: 1 };
    const refused = async (answer: Promise<Answer>) => {
      const { status, body } = await answer;
      return [status, body.type.split(':').at(-1), body.errors?.[0].pointer];
    };
    const large = { device: id, value: 'x'.repeat(1024 * 1024) };
    expect(await refused(post(host.endpoints, connector, large))).toEqual([413, 'too-large', undefined]);
    for (const type of ['text/plain', 'application/xml', 'application/x-www-form-urlencoded'])
      expect(await refused(post(host.endpoints, connector, uplink, { type }))).toEqual([
        415,
        'unsupported-media-type',
        undefined,
      ]);
    for (const [query, pointer] of [
      ['?device=', '/query/device'],
      [`?event=${'e'.repeat(65)}`, '/query/event'],
      ['?stream=s', '/query/stream'],
    ])
      expect(await refused(post(host.endpoints, connector, uplink, { query }))).toEqual([400, 'validation', pointer]);
    expect(await readingsIn(acme, bucket)).toEqual([]);
    expect((await rejectedOf(acme)).filter(({ topic }) => topic === `ingest/${connector.id}`)).toEqual([]);
    expect((await post(host.endpoints, connector, uplink)).body.stored).toBe(1);
  });

  it('is deleted as it was read: a stale If-Match is refused, and it stays', async () => {
    const { id } = await makeConnector(acme, 'json', product);
    const path = `/v1/connectors/${id}`;
    const etag = (await acme.get(path)).headers.get('etag') ?? '';
    expect(etag).toMatch(/^"\d+"$/);
    const stale = await acme.delete(path, { headers: { 'if-match': '"7"' } });
    expect([stale.status, stale.body.type]).toEqual([412, 'urn:custodia:problem:stale']);
    expect((await acme.get(path)).status).toBe(200);
    expect((await acme.delete(path, { headers: { 'if-match': etag } })).status).toBe(204);
    expect((await acme.get(path)).status).toBe(404);
  });

  it('of a product that is deleted stores nothing and makes nothing: what it sends is listed', async () => {
    const own = await makeProduct(acme, 'Given up');
    const serialNumber = '0505050505050505';
    const plain = await makeConnector(acme, 'json', own);
    const making = await makeConnector(acme, 'json', own, { createDevices: true });
    expect((await acme.delete(`/v1/products/${own}`)).status).toBe(204);
    for (const connector of [plain, making]) {
      const answer = await post(host.endpoints, connector, { device: serialNumber, value: 1 });
      const { status, body } = answer;
      expect([status, body], answer.text).toEqual([200, { stored: 0, uncollected: 0, rejected: 1, ignored: 0 }]);
      const [listed] = await untilRejected(acme, 1, ({ topic }) => topic === `ingest/${connector.id}`);
      expect(listed?.reason).toBe('unknown-device');
      expect((await acme.get(`/v1/connectors/${connector.id}`)).status).toBe(200);
    }
    const { items } = made(await acme.get('/v1/devices?limit=200'), 200);
    expect(items.filter((found: { serialNumber?: string }) => found.serialNumber === serialNumber)).toEqual([]);
  });

  it('feeds its own product and account alone', async () => {
    const serialNumber = '0404040404040404';
    const theirs = await makeProduct(other);
    made(await other.post('/v1/devices', { name: 'theirs', product: theirs, serialNumber }));
    made(await acme.post('/v1/devices', { name: 'beside', product: await makeProduct(acme, 'Beside'), serialNumber }));
    const bucket = await makeBucket(acme, { stream: 'telemetry' });
    const connector = await makeConnector(acme, 'json', product);
    const answer = await post(host.endpoints, connector, { device: serialNumber, value: 1 });
    expect(answer.body).toEqual({ stored: 0, uncollected: 0, rejected: 1, ignored: 0 });
    expect(await readingsIn(acme, bucket)).toEqual([]);
  });

  it('that makes devices needs whoever creates it to hold devices.write', async () => {
    const scopes = ['custodia/connectors.write', 'custodia/connectors.read'];
    const client = made(await acme.post('/v1/api-clients', { name: 'c', scopes }));
    const limited = program(host.endpoints, await clientToken(host.endpoints, client));
    const body = { name: 'n', kind: 'json', product };
    expect((await limited.post('/v1/connectors', { ...body, createDevices: true })).status).toBe(403);
    expect((await limited.post('/v1/connectors', body)).status).toBe(201);
  });

  it('that is deleted is refused within 60 seconds, and so is one of a suspended account', async () => {
    const connector = await makeConnector(acme, 'json', product);
    const body = { device: device.id, ts: 1000, value: 1 };
    expect((await post(host.endpoints, connector, body)).status).toBe(200);
    expect((await acme.delete(`/v1/connectors/${connector.id}`)).status).toBe(204);
    expect((await acme.get(`/v1/connectors/${connector.id}`)).status).toBe(404);
    const theirs = await makeConnector(other, 'json', await makeProduct(other));
    expect((await post(host.endpoints, theirs, body)).status).toBe(200);
    const token = await operatorToken(host.endpoints);
    const suspend = { token, body: { status: 'suspended' } };
    made(await request(host.endpoints, 'PATCH', `/v1/operator/accounts/${other.account}`, suspend), 200);
    await host.advance(60);
    expect((await post(host.endpoints, theirs, body)).status).toBe(403);
    expect((await post(host.endpoints, connector, body)).status).toBe(401);
  });
});
