/** What readings come to per interval, and the newest of each device: compared with the same bucket's raw NDJSON, by plain arithmetic. */
import { beforeAll, describe, expect, it } from 'vitest';
import { type Answer, openAccount, type Program } from '../support/api.ts';
import { makeDevice, makeProduct, type TestDevice } from '../support/device.ts';
import { holds, makeBucket, send, walk } from '../support/readings.ts';
import { sharedHost } from '../support/shared-host.ts';

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;
const CSV = 'text/csv';
const NDJSON = 'application/x-ndjson';
/** Two days around each change of the clock in Madrid, and what lies between them is empty. */
const SPRING = Date.parse('2026-03-28T00:00:00Z');
const AUTUMN = Date.parse('2025-10-25T00:00:00Z');

interface Row {
  readonly from: string;
  readonly to: string;
  readonly device: string;
  readonly stream: string;
  readonly values: Readonly<Record<string, Readonly<Record<string, number>>>>;
}

interface Reading {
  readonly ts: string;
  readonly device: string;
  readonly stream: string;
  readonly value: { readonly t: number; readonly in: { readonly h: number } };
}

const host = sharedHost();
let acme: Program;
let devices: TestDevice[];
let bucket: string;

beforeAll(async () => {
  acme = await openAccount(host.endpoints);
  const product = await makeProduct(acme);
  devices = [await makeDevice(acme, product, 'a'), await makeDevice(acme, product, 'b')];
  bucket = await makeBucket(acme, { product }, { timeZone: 'Europe/Madrid' });
  const times = [AUTUMN, SPRING].flatMap((start) => Array.from({ length: 216 }, (_, i) => start + i * 20 * MINUTE));
  for (const [n, device] of devices.entries()) {
    const sent = times.map((ts, i) => ({ ts, t: ((i * 37 + n) % 400) / 10, in: { h: i % 7 }, state: 'on', l: [1] }));
    // What is sent again counts once.
    await send(host.endpoints, device, 'telemetry', sent.slice(0, 200), sent.slice(150), sent.slice(0, 20));
  }
  await send(host.endpoints, devices[0] as TestDevice, 'events', { ts: SPRING + 5 * MINUTE, n: 'no number' });
  await holds(acme, bucket, 2 * times.length + 1);
});

const path = (query: string) => `/v1/buckets/${bucket}/readings?${query}`;
const rowsOf = (pages: readonly Answer[]): Row[] => pages.flatMap(({ body }) => body.items);
const rows = async (query: string) => rowsOf(await walk(acme, path(query)));
const hours = ({ from, to }: Row) => (Date.parse(to) - Date.parse(from)) / HOUR;

async function raw(query = ''): Promise<Reading[]> {
  const pages = await walk(acme, path(`limit=1000&stream=telemetry&${query}`), { accept: NDJSON });
  return pages.flatMap(({ text }) => text.trim().split('\n')).map((line) => JSON.parse(line));
}

/** Rows by the name that Intl gives to a reading's time: another way to the same intervals. */
function expected(readings: readonly Reading[], name: (at: Date) => string) {
  const groups = Map.groupBy(readings, ({ ts, device }) => `${name(new Date(ts))} ${device}`);
  return [...groups.values()].map((group) => {
    const numbers = group.map(({ value }) => value.t);
    const sum = numbers.reduce((total, t) => total + Math.round(t * 10), 0) / 10;
    return {
      device: group[0]?.device,
      values: {
        t: {
          mean: sum / numbers.length,
          min: Math.min(...numbers),
          max: Math.max(...numbers),
          sum,
          count: numbers.length,
          first: numbers[0],
          last: numbers.at(-1),
        },
      },
    };
  });
}

const inMadrid = (options: Intl.DateTimeFormatOptions) => {
  const format = new Intl.DateTimeFormat('en', { timeZone: 'Europe/Madrid', ...options });
  return (at: Date) => format.format(at);
};
const ALL = 'aggregate=mean,min,max,sum,count,first,last&fields=t';

describe('rows', () => {
  it('of a day across a change of the clock in Madrid are of 23 and 25 hours, and add up as the raw readings do', async () => {
    const found = await rows(`every=1d&${ALL}&limit=1000`);
    const day = inMadrid({ dateStyle: 'short' });
    expect(found.map(({ device, values }) => ({ device, values }))).toEqual(expected(await raw(), day));
    const lengths = new Map(found.map((row) => [row.from, hours(row)]));
    expect(lengths.get('2026-03-28T23:00:00.000Z')).toBe(23);
    expect(lengths.get('2025-10-25T22:00:00.000Z')).toBe(25);
    expect([...lengths.values()].filter((length) => length !== 24)).toHaveLength(2);
  });

  it('of an hour are there for each hour, also where the clock shows it twice', async () => {
    const found = await rows(`every=1h&${ALL}&limit=1000`);
    const hour = inMadrid({ dateStyle: 'short', timeStyle: 'long' });
    const name = (at: Date) => hour(at).replace(/:\d\d:\d\d/, '');
    expect(found.map(({ device, values }) => ({ device, values }))).toEqual(expected(await raw(), name));
    expect(new Set(found.map(hours))).toEqual(new Set([1]));
    expect(found).toHaveLength(2 * 2 * 72);
  });

  it('follow the time zone that is asked for, else the bucket’s, else UTC', async () => {
    const from = async (query: string) => (await rows(`every=1d&${query}`))[0]?.from.slice(11, 16);
    expect(await from('timeZone=Asia/Kolkata')).toBe('18:30');
    expect(await from('')).toBe('22:00');
    const device = await makeDevice(acme, await makeProduct(acme, 'Plain'));
    const plain = await makeBucket(acme, { device: device.id });
    await send(host.endpoints, device, 'telemetry', { ts: SPRING, t: 1 });
    await holds(acme, plain, 1);
    const { body } = await acme.get(`/v1/buckets/${plain}/readings?every=1d`);
    expect(body.items.map((row: Row) => row.from.slice(11))).toEqual(['00:00:00.000Z']);
  });

  it('hold what lies between from and to, under the whole interval’s times; what is empty has none', async () => {
    const { id } = devices[0] as TestDevice;
    const [from, to] = [SPRING + 30 * MINUTE, SPRING + 25 * HOUR];
    const found = await rows(`every=1d&device=${id}&from=${from}&to=${to}&aggregate=count&fields=t,in.h,nothing`);
    const count = (n: number) => ({ t: { count: n }, 'in.h': { count: n } });
    expect(found).toEqual([
      {
        from: '2026-03-27T23:00:00.000Z',
        to: '2026-03-28T23:00:00.000Z',
        device: id,
        stream: 'telemetry',
        values: { 'in.h': count(67)['in.h'], t: count(67).t },
      },
      expect.objectContaining({ from: '2026-03-28T23:00:00.000Z', values: count(6) }),
    ]);
    expect(await rows(`every=1h&from=${SPRING - 40 * 24 * HOUR}&to=${SPRING}&stream=telemetry`)).toEqual([]);
    // Neither text nor lists are numbers.
    expect(await rows('every=1w&stream=events')).toEqual([]);
    expect(Object.keys((await rows('every=1w&limit=1'))[0]?.values ?? {})).toEqual(['in.h', 't']);
  });

  it.each(['asc', 'desc'])('in order %s are paged without a loss or a double', async (order) => {
    const query = `every=6h&order=${order}&${ALL}`;
    const all = await rows(`${query}&limit=1000`);
    expect(all.length).toBeGreaterThan(40);
    const places = all.map(({ from, device, stream }) => `${from} ${device} ${stream}`);
    expect(places).toEqual(order === 'asc' ? places.toSorted() : places.toSorted().reverse());
    for (const limit of [5, 13]) {
      const pages = await walk(acme, path(`${query}&limit=${limit}`));
      expect(rowsOf(pages)).toEqual(all);
      expect(pages.length).toBe(Math.ceil(all.length / limit));
    }
  });

  it('have a cursor that serves only the same intervals', async () => {
    const { next } = (await acme.get(path('every=1h&limit=1'))).body;
    for (const other of ['every=2h', 'every=1h&timeZone=UTC', 'every=1h&order=desc', 'limit=1']) {
      const refused = await acme.get(path(`${other}&cursor=${next}`));
      expect([other, refused.status, refused.body.errors]).toMatchObject([other, 400, [{ pointer: '/query/cursor' }]]);
    }
    expect((await acme.get(path(`every=60m&limit=1&aggregate=max&cursor=${next}`))).status).toBe(200);
  });

  it('come as CSV, with a column for each named field and aggregate, and as NDJSON', async () => {
    const query = `every=1d&aggregate=max,count&from=${SPRING}&limit=3`;
    const { items, next } = (await acme.get(path(query))).body;
    const lines = await acme.get(path(query), { headers: { accept: NDJSON } });
    expect(
      lines.text
        .trim()
        .split('\n')
        .map((line) => JSON.parse(line)),
    ).toEqual(items);
    expect(lines.headers.get('link')).toMatch(/rel="next"/);
    expect(next).toBeDefined();
    const place = ({ from, to, device, stream }: Row) => `${from},${to},${device},${stream}`;
    const table = await acme.get(path(`${query}&fields=t,x`), { headers: { accept: CSV } });
    expect(table.text).toBe(
      `from,to,device,stream,t.max,t.count,x.max,x.count\r\n${items
        .map((row: Row) => `${place(row)},${row.values.t?.max},${row.values.t?.count},,\r\n`)
        .join('')}`,
    );
    const [, first] = (await acme.get(path(query), { headers: { accept: CSV } })).text.split('\r\n');
    expect(first).toBe(`${place(items[0])},"${JSON.stringify(items[0].values).replaceAll('"', '""')}"`);
  });

  it('are refused where the request asks for what is none, with its place', async () => {
    const bad: [query: string, pointer: string][] = [
      ['every=1', '/query/every'],
      ['every=', '/query/every'],
      ['every=25h', '/query/every'],
      ['every=1y', '/query/every'],
      ['every=0d', '/query/every'],
      ['every=1h&aggregate=median', '/query/aggregate/0'],
      ['every=1h&aggregate=mean,mean', '/query/aggregate'],
      ['every=1h&aggregate=', '/query/aggregate/0'],
      ['every=1h&timeZone=Mars/Olympus', '/query/timeZone'],
      ['aggregate=mean', '/query/aggregate'],
      ['timeZone=UTC', '/query/timeZone'],
    ];
    for (const [query, pointer] of bad) {
      const refused = await acme.get(path(query));
      expect([query, refused.status, refused.body.errors]).toMatchObject([query, 400, [{ pointer }]]);
    }
    const other = await openAccount(host.endpoints, 'Other');
    expect((await other.get(path('every=1h'))).status).toBe(404);
  });

  it('of more fields than a row has are refused, unless they are named', async () => {
    const device = await makeDevice(acme, await makeProduct(acme, 'Wide'));
    const own = await makeBucket(acme, { device: device.id });
    const wide = Object.fromEntries(Array.from({ length: 1001 }, (_, i) => [`f${i}`, i]));
    await send(host.endpoints, device, 'wide', { ts: SPRING, ...wide });
    await holds(acme, own, 1);
    const refused = await acme.get(`/v1/buckets/${own}/readings?every=1d`);
    expect([refused.status, refused.body.errors]).toMatchObject([400, [{ pointer: '/query/fields' }]]);
    const { body } = await acme.get(`/v1/buckets/${own}/readings?every=1d&fields=f1000`);
    expect(body.items.map(({ values }: Row) => values)).toEqual([{ f1000: { mean: 1000 } }]);
  });
});

describe('the latest readings', () => {
  const latest = (of: string, query = '') => `/v1/buckets/${of}/latest?${query}`;

  it('are the newest of each device, by device id, over pages', async () => {
    const newest = await Promise.all(
      devices.map(async ({ id }) => (await acme.get(path(`device=${id}&order=desc&limit=1`))).body.items[0]),
    );
    const all = [...newest].sort((a: Reading, b: Reading) => (a.device < b.device ? -1 : 1));
    // A device of the product that never sent into the bucket has none.
    await makeDevice(acme, (devices[0] as TestDevice).product, 'silent');
    const found = (await walk(acme, latest(bucket, 'stream=telemetry'))).flatMap(({ body }) => body.items);
    expect(found).toEqual(all);
    const pages = await walk(acme, latest(bucket, 'stream=telemetry&limit=1'));
    expect(pages.flatMap(({ body }) => body.items)).toEqual(all);
    expect(pages.length).toBeGreaterThan(1);
  });

  it('are of one stream, of a bucket of one device, and not older than the bucket retains', async () => {
    const device = await makeDevice(acme, await makeProduct(acme, 'Recent'));
    const events = (await acme.get(latest(bucket, 'stream=events'))).body.items;
    expect(events.map(({ value }: { value: unknown }) => value)).toEqual([{ n: 'no number' }]);
    const own = await makeBucket(acme, { device: device.id }, { retentionDays: 10 });
    expect((await acme.get(latest(own))).body).toEqual({ items: [] });
    const now = Date.now();
    const sent = [1, 3, 2].map((hour) => ({ ts: now - hour * HOUR, hour }));
    await send(host.endpoints, device, 'telemetry', sent, { ts: now - 20 * 24 * HOUR, hour: 'old' });
    await holds(acme, own, 3);
    const { body } = await acme.get(latest(own));
    expect(body.items).toEqual([
      { ts: new Date(now - HOUR).toISOString(), device: device.id, stream: 'telemetry', value: { hour: 1 } },
    ]);
  });

  it('are refused to a cursor of another list, and not found in another account’s bucket', async () => {
    const { next } = (await acme.get(latest(bucket, 'limit=1'))).body;
    const refused = await acme.get(latest(bucket, `stream=events&cursor=${next}`));
    expect([refused.status, refused.body.errors]).toMatchObject([400, [{ pointer: '/query/cursor' }]]);
    expect((await acme.get(latest(bucket, 'every=1h'))).body.errors).toMatchObject([{ pointer: '/query/every' }]);
    const other = await openAccount(host.endpoints, 'Another');
    expect((await other.get(latest(bucket))).status).toBe(404);
  });
});
