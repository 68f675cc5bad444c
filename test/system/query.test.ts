/** Which readings a query answers, in which order, and how it is paged: compared with a plain model of what was sent. */
import { beforeAll, describe, expect, it } from 'vitest';
import { type Answer, openAccount, type Program } from '../support/api.ts';
import { makeDevice, makeProduct, type TestDevice } from '../support/device.ts';
import { someOf, somePairs } from '../support/effort.ts';
import { holds, makeBucket, send, walk } from '../support/readings.ts';
import { sharedHost } from '../support/shared-host.ts';

const T0 = Date.parse('2026-03-01T00:00:00.000Z');
const iso = (at: number) => new Date(at).toISOString();

interface Item {
  readonly ts: string;
  readonly device: string;
  readonly stream: string;
  readonly value: unknown;
}

const host = sharedHost();
let acme: Program;
let product: string;
let devices: TestDevice[];
let bucket: string;
/** What was sent into `bucket`, in the order of ts, device and stream. */
let model: Item[];

const readings = (of: string, query = '') => `/v1/buckets/${of}/readings?${query}`;
const itemsOf = (pages: readonly Answer[]): Item[] => pages.flatMap(({ body }) => body.items);

beforeAll(async () => {
  acme = await openAccount(host.endpoints);
  product = await makeProduct(acme);
  devices = [await makeDevice(acme, product, 'a'), await makeDevice(acme, await makeProduct(acme, 'Other'), 'b')];
  bucket = await makeBucket(acme, {});
  model = [];
  for (const device of devices) {
    for (const stream of ['events', 'telemetry']) {
      // Newest first, in two messages: neither order of arrival nor blocks may show.
      const sent = [9, 8, 7, 6, 5, 4, 3, 2, 1, 0].map((n) => ({ ts: T0 + n * 60_000, n }));
      await send(host.endpoints, device, stream, sent.slice(0, 5), sent.slice(5));
      model.push(...sent.map(({ ts, n }) => ({ ts: iso(ts), device: device.id, stream, value: { n } })));
    }
  }
  const key = ({ ts, device, stream }: Item) => `${ts} ${device} ${stream}`;
  model.sort((a, b) => (key(a) < key(b) ? -1 : 1));
  await holds(acme, bucket, model.length);
});

describe('a query', () => {
  it('answers what its parameters name: from is inclusive, to exclusive, without a device all in order of time', async () => {
    const ranges: (readonly [from?: number, to?: number])[] = [
      [],
      [T0],
      [undefined, T0 + 60_000],
      [T0 + 60_000, T0 + 180_000],
      [T0 + 1, T0 + 60_001],
      [T0, T0],
      [T0 + 5, T0],
    ];
    const senders = [undefined, devices[0]?.id, devices[1]?.id].flatMap((device) =>
      [undefined, 'telemetry', 'events', 'nothing'].map((stream) => ({ device, stream })),
    );
    const asked = somePairs(senders, ranges, 3);
    let some = 0;
    for (const [{ device, stream }, [from, to]] of asked) {
      const query = Object.entries({ device, stream, from, to, limit: 200 }).flatMap(([name, value]) =>
        value === undefined ? [] : [`${name}=${value}`],
      );
      const expected = model.filter(
        (item) =>
          (device === undefined || item.device === device) &&
          (stream === undefined || item.stream === stream) &&
          (from === undefined || Date.parse(item.ts) >= from) &&
          (to === undefined || Date.parse(item.ts) < to),
      );
      const { body } = await acme.get(readings(bucket, query.join('&')));
      expect([query, body]).toEqual([query, { items: expected }]);
      some += expected.length === 0 ? 0 : 1;
    }
    expect(some).toBeGreaterThan(asked.length / 3);
  });

  it.each(['asc', 'desc'])(
    'in order %s is paged without a loss or a double, also where times are equal',
    async (order) => {
      const expected = order === 'asc' ? model : model.toReversed();
      for (const limit of someOf([3, 1, 7, 1000, 40], 2)) {
        const pages = await walk(acme, readings(bucket, `order=${order}&limit=${limit}`));
        expect(itemsOf(pages)).toEqual(expected);
        expect(pages.length).toBe(Math.ceil(model.length / limit));
      }
    },
  );

  it('takes times as ISO 8601 with an offset or as epoch milliseconds', async () => {
    const at = T0 + 60_000;
    const same = [
      '2026-03-01T00:01:00Z',
      '2026-03-01T00:01:00.000999Z',
      '2026-03-01T01:01%2B01:00',
      '2026-02-28T19:01:00-0500',
      at,
    ];
    for (const from of same) {
      const { body } = await acme.get(readings(bucket, `from=${from}&to=${at + 1}`));
      expect([from, body.items]).toEqual([from, model.filter(({ ts }) => ts === iso(at))]);
    }
    const bad = [
      'yesterday',
      '2026-03-01',
      '2026-03-01T00:01:00',
      '2026-03-01T00:01:00+01:00',
      '2026-02-30T00:00:00Z',
      '2026-13-01T00:00:00Z',
      '2026-03-01T25:00:00Z',
      '1.5',
      '1e12',
      '',
      '99999999999999999',
      '9999999999999999',
      '0x10',
      'null',
      '%00',
    ];
    for (const [time, name] of somePairs(bad, ['from', 'to'], 2)) {
      const refused = await acme.get(readings(bucket, `${name}=${time}`));
      expect([time, refused.status, refused.body.errors]).toMatchObject([time, 400, [{ pointer: `/query/${name}` }]]);
    }
  });

  it('refuses an order, a limit, a stream or fields that are none', async () => {
    const bad = {
      order: ['up', ''],
      limit: ['0', '1001', 'x'],
      stream: ['', 'a/b', '%2B'],
      fields: ['', 'a,', 'a,a', 'a,'.repeat(50)],
    };
    for (const [name, values] of Object.entries(bad)) {
      for (const value of values) {
        const refused = await acme.get(readings(bucket, `${name}=${value}`));
        expect([name, value, refused.status]).toEqual([name, value, 400]);
        expect(refused.body.errors[0].pointer.startsWith(`/query/${name}`)).toBe(true);
      }
    }
  });

  it('has a cursor that serves only the same query', async () => {
    const { id } = devices[0] ?? { id: '' };
    const query = `stream=telemetry&from=${T0}&to=${T0 + 600_000}&order=asc&limit=1`;
    const { next } = (await acme.get(readings(bucket, query))).body;
    const others = [
      query.replace('telemetry', 'events'),
      query.replace('asc', 'desc'),
      query.replace(`from=${T0}`, `from=${T0 + 1}`),
      query.replace('&to=', '&to=1'),
      query.replace(/&to=\d+/, ''),
      `${query}&device=${id}`,
    ];
    for (const other of others) {
      const refused = await acme.get(readings(bucket, `${other}&cursor=${next}`));
      expect([other, refused.status, refused.body.errors]).toMatchObject([other, 400, [{ pointer: '/query/cursor' }]]);
    }
    const second = await makeBucket(acme, {});
    expect((await acme.get(readings(second, `${query}&cursor=${next}`))).status).toBe(400);
    // How much of each reading is shown, and how many, is no other query.
    const same = await acme.get(readings(bucket, `${query.replace('limit=1', 'limit=2')}&fields=n&cursor=${next}`));
    expect(same.body.items).toHaveLength(2);
  });

  it('answers at most 1,000 readings', async () => {
    const device = await makeDevice(acme, product, 'many');
    const own = await makeBucket(acme, { device: device.id });
    const sent = Array.from({ length: 1050 }, (_, n) => ({ ts: T0 + n, n }));
    await send(host.endpoints, device, 'telemetry', sent.slice(0, 525), sent.slice(525));
    await holds(acme, own, 1050);
    const pages = await walk(acme, readings(own, 'limit=1000&order=desc'));
    expect(pages.map(({ body }) => body.items.length)).toEqual([1000, 50]);
    expect(itemsOf(pages).map(({ value }) => (value as { n: number }).n)).toEqual(sent.map(({ n }) => 1049 - n));
    expect((await acme.get(readings(own))).body.items).toHaveLength(50);
  });
});

describe('a bucket', () => {
  it('holds what its source names from the moment it was made, and nothing from before', async () => {
    const device = await makeDevice(acme, product, 'sources');
    const before = await makeBucket(acme, { device: device.id });
    await send(host.endpoints, device, 'telemetry', { ts: T0, n: 'before' });
    await holds(acme, before, 1);
    const sources = {
      device: { device: device.id },
      both: { product, device: device.id, stream: 'telemetry' },
      stream: { product, stream: 'events' },
      elsewhere: { device: devices[0]?.id },
    };
    const made: Record<string, string> = {};
    for (const [name, source] of Object.entries(sources)) made[name] = await makeBucket(acme, source);
    await send(host.endpoints, device, 'telemetry', { ts: T0, n: 'telemetry' });
    await send(host.endpoints, device, 'events', { ts: T0 + 1, n: 'event' });
    await holds(acme, before, 3);
    const held = async (name: string) =>
      (await acme.get(readings(made[name] ?? ''))).body.items.map(({ value }: Item) => (value as { n: string }).n);
    expect(await held('device')).toEqual(['telemetry', 'event']);
    expect(await held('both')).toEqual(['telemetry']);
    expect(await held('stream')).toEqual(['event']);
    expect(await held('elsewhere')).toEqual([]);
  });

  it('shows two equal readings once, and two of the same time with other values both', async () => {
    const device = await makeDevice(acme, product, 'doubles');
    const own = await makeBucket(acme, { device: device.id });
    const same = [
      `{"ts":${T0},"a":1,"b":{"c":[1,2],"d":null}}`,
      `{"b":{"d":null,"c":[1.0,2]},"a":10e-1,"ts":"${iso(T0)}"}`,
      `{"ts":${T0},"a":1,"b":{"c":[1,2],"d":null}}`,
    ];
    const others = [`{"ts":${T0},"a":1,"b":{"c":[2,1],"d":null}}`, `{"ts":${T0},"a":"1"}`, `{"ts":${T0 + 1},"a":"1"}`];
    await send(host.endpoints, device, 'telemetry', ...same, ...others, `[${same.join(',')}]`);
    await send(host.endpoints, device, 'events', ...same);
    await holds(acme, own, 5);
    for (const order of ['asc', 'desc']) {
      const pages = await walk(acme, readings(own, `order=${order}&limit=1`));
      const seen = itemsOf(pages).map((item) => JSON.stringify(item));
      expect([seen.length, new Set(seen).size]).toEqual([5, 5]);
    }
  });

  it('hides readings that are older than it retains, and shows them again when it retains longer', async () => {
    const device = await makeDevice(acme, product, 'retention');
    const own = await makeBucket(acme, { device: device.id }, { retentionDays: 2 });
    const forEver = await makeBucket(acme, { device: device.id });
    const DAY = 86_400_000;
    const now = Date.now();
    await send(
      host.endpoints,
      device,
      'telemetry',
      [1, 3, 5].map((days) => ({ ts: now - days * DAY, days })),
    );
    await holds(acme, forEver, 3);
    const days = async (query = '') =>
      (await acme.get(readings(own, query))).body.items.map(({ value }: Item) => (value as { days: number }).days);
    expect(await days()).toEqual([1]);
    expect(await days(`from=0&order=desc`)).toEqual([1]);
    expect(await days(`to=${now - 2 * DAY - 60_000}`)).toEqual([]);
    const longer = await acme.patch(`/v1/buckets/${own}`, { retentionDays: 4 }, { headers: { 'if-match': '*' } });
    expect(longer.status).toBe(200);
    expect(await days()).toEqual([3, 1]);
  });
});
