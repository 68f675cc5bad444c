/** How readings are rendered: JSON, CSV and NDJSON by `Accept`, the fields asked for, numbers as they were sent, pages of 4 MB. */
import { beforeAll, describe, expect, it } from 'vitest';
import { openAccount, type Program } from '../support/api.ts';
import { makeDevice, makeProduct, type TestDevice } from '../support/device.ts';
import { holds, makeBucket, send, walk } from '../support/readings.ts';
import { sharedHost } from '../support/shared-host.ts';

const T0 = Date.parse('2026-03-01T00:00:00.000Z');
const iso = (at: number) => new Date(at).toISOString();
const CSV = 'text/csv';
const NDJSON = 'application/x-ndjson';
const JSON_TYPE = 'application/json';

const host = sharedHost();
let acme: Program;
let product: string;
let devices = 0;

beforeAll(async () => {
  acme = await openAccount(host.endpoints);
  product = await makeProduct(acme);
});

/** A device and its bucket, holding these values, a second apart. `values` are JSON texts of objects, without `ts`. */
async function sent(...values: string[]): Promise<{ device: TestDevice; path: string }> {
  devices += 1;
  const device = await makeDevice(acme, product, `d${devices}`);
  const bucket = await makeBucket(acme, { device: device.id });
  const dated = values.map((text, i) => `${text.slice(0, -1)}${text === '{}' ? '' : ','}"ts":${T0 + i * 1000}}`);
  await send(host.endpoints, device, 'telemetry', ...dated);
  await holds(acme, bucket, values.length);
  return { device, path: `/v1/buckets/${bucket}/readings` };
}
const as = (accept: string) => ({ headers: { accept } });

describe('the media type', () => {
  it('is what the client accepts best, and JSON where it doesn’t mind', async () => {
    const { path } = await sent('{"a":1}');
    const wanted: [string, string][] = [
      ['*/*', JSON_TYPE],
      [JSON_TYPE, JSON_TYPE],
      ['application/*', JSON_TYPE],
      [CSV, CSV],
      ['text/*', CSV],
      [NDJSON, NDJSON],
      ['text/csv;q=0.5, application/x-ndjson;q=0.6, text/html', NDJSON],
      ['text/csv, application/json;q=0.9', CSV],
      ['application/json;q=0, */*;q=0.1', CSV],
      ['text/html, application/xhtml+xml, */*;q=0.8', JSON_TYPE],
      ['TEXT/CSV', CSV],
    ];
    for (const [accept, type] of wanted) {
      const answer = await acme.get(path, as(accept));
      expect([accept, answer.status, answer.headers.get('content-type')?.split(';')[0]]).toEqual([accept, 200, type]);
    }
    for (const accept of ['text/html', 'application/xml, text/plain', 'text/csv;q=0', 'none']) {
      const refused = await acme.get(path, as(accept));
      expect([accept, refused.status, refused.headers.get('content-type')]).toEqual([
        accept,
        406,
        'application/problem+json',
      ]);
    }
    // An error is a problem document, whatever was asked for.
    expect((await acme.get(`${path}?limit=0`, as(CSV))).headers.get('content-type')).toBe('application/problem+json');
  });
});

describe('CSV', () => {
  it('has one line a reading, the value as JSON text, quoted where it must be', async () => {
    const values = ['{"a":"x, \\"y\\"\\n=SUM(A1)"}', '{}', '{"a":[1,2],"b":null}'];
    const { device, path } = await sent(...values);
    const { text, headers } = await acme.get(path, as(CSV));
    expect(headers.get('content-type')).toBe('text/csv; charset=utf-8');
    const line = (i: number, value: string) => `${iso(T0 + i * 1000)},${device.id},telemetry,${value}\r\n`;
    expect(text).toBe(
      [
        'ts,device,stream,value\r\n',
        line(0, '"{""a"":""x, \\""y\\""\\n=SUM(A1)""}"'),
        line(1, '{}'),
        line(2, '"{""a"":[1,2],""b"":null}"'),
      ].join(''),
    );
  });

  it('has a column for each field that was asked for', async () => {
    const { device, path } = await sent('{"a":{"b":1,"c":"x"},"d":"=1+1"}', '{"a":2}', '{"a.b":[3,4]}');
    const { text } = await acme.get(`${path}?fields=a.b,d,n%22o,a`, as(CSV));
    const line = (i: number, values: string) => `${iso(T0 + i * 1000)},${device.id},telemetry,${values}\r\n`;
    expect(text).toBe(
      [
        'ts,device,stream,a.b,d,"n""o",a\r\n',
        line(0, '1,"""=1+1""",,"{""b"":1,""c"":""x""}"'),
        line(1, ',,,2'),
        line(2, '"[3,4]",,,'),
      ].join(''),
    );
  });
});

describe('fields', () => {
  it('pick members of the value by dotted paths; a member whose own name has the dots comes first', async () => {
    const { path } = await sent(
      '{"a":{"b":{"c":1,"d":2},"x.y":3},"z":4}',
      '{"a.b.c":5,"a":{"b":{"c":6}},"a.x":{"y":7}}',
      '{"__proto__":{"c":7},"constructor":8}',
      '{"a":[{"b":9}]}',
    );
    const values = async (fields: string) =>
      (await acme.get(`${path}?fields=${fields}`)).body.items.map(({ value }: { value: unknown }) =>
        JSON.stringify(value),
      );
    expect(await values('a.b.c')).toEqual(['{"a.b.c":1}', '{"a.b.c":5}', '{}', '{}']);
    expect(await values('z,a.x.y,nothing')).toEqual(['{"z":4,"a.x.y":3}', '{"a.x.y":7}', '{}', '{}']);
    expect(await values('__proto__.c,constructor,toString,a.length')).toEqual([
      '{}',
      '{}',
      '{"__proto__.c":7,"constructor":8}',
      '{}',
    ]);
    expect(await values('__proto__')).toEqual(['{}', '{}', '{"__proto__":{"c":7}}', '{}']);
  });

  it('of a value that is no object are none', async () => {
    const device = await makeDevice(acme, product, 'plain');
    const bucket = await makeBucket(acme, { device: device.id });
    await send(host.endpoints, device, 'telemetry', '21.5', '"text"', 'null');
    await holds(acme, bucket, 3);
    const { body } = await acme.get(`/v1/buckets/${bucket}/readings?fields=length,a`);
    expect(body.items.map(({ value }: { value: unknown }) => value)).toEqual([{}, {}, {}]);
  });
});

describe('values', () => {
  const VALUES = [
    '{"n":9007199254740993}',
    '{"n":0.1234567890123456789}',
    '{"n":-1e400}',
    '{"n":-0}',
    '{"n":1e-7}',
    '{"s":"é\\u0000🌡","":[]}',
    '{"__proto__":{"a":1},"constructor":null,"toString":2}',
    `{"deep":${'['.repeat(62)}${']'.repeat(62)}}`,
  ];

  it('come back as they were sent, in every media type', async () => {
    const { device, path } = await sent(...VALUES);
    const items = VALUES.map(
      (value, i) => `{"ts":"${iso(T0 + i * 1000)}","device":"${device.id}","stream":"telemetry","value":${value}}`,
    );
    expect((await acme.get(path)).text).toBe(`{"items":[${items.join(',')}]}`);
    expect((await acme.get(path, as(NDJSON))).text).toBe(items.map((item) => `${item}\n`).join(''));
    const lines = (await acme.get(path, as(CSV))).text.split('\r\n').slice(1, -1);
    const cells = lines.map((line) => line.split(',').slice(3).join(',').replace(/^"|"$/g, '').replaceAll('""', '"'));
    expect(cells).toEqual(VALUES);
  });
});

describe('a page', () => {
  it('of CSV or NDJSON names the next one in its Link', async () => {
    const { path } = await sent(...Array.from({ length: 7 }, (_, n) => `{"n":${n}}`));
    for (const type of [CSV, NDJSON]) {
      const pages = await walk(acme, `${path}?limit=3&fields=n`, { accept: type });
      const numbers = pages.map(({ text }) => [...text.matchAll(/(?:"n":|,)(\d)\D*$/gm)].map(([, n]) => Number(n)));
      expect(numbers).toEqual([[0, 1, 2], [3, 4, 5], [6]]);
    }
  });

  it('ends at 4 MB, as it is rendered', async () => {
    // Quotes: what takes most room when JSON is put into CSV, or into the answer of a function.
    const quotes = '\\"'.repeat(60_000);
    const { path } = await sent(...Array.from({ length: 44 }, (_, n) => `{"q":"${quotes}","n":${n}}`));
    const MOST = 4 * 1024 * 1024 + 1000;
    for (const type of [JSON_TYPE, NDJSON, CSV]) {
      const pages = await walk(acme, `${path}?limit=1000`, { accept: type });
      expect(pages.length).toBe(2);
      for (const { text } of pages) expect([type, text.length <= MOST]).toEqual([type, true]);
      expect(pages[0]?.text.length).toBeGreaterThan(MOST - 200_000);
      const all = pages.flatMap(({ text }) => [...text.matchAll(/"?"n"?":(\d+)/g)].map(([, n]) => Number(n)));
      expect(all).toEqual(Array.from({ length: 44 }, (_, n) => n));
    }
    // The part that is asked for may be small; a page still takes no more than 4 MB of readings.
    expect((await walk(acme, `${path}?limit=1000&fields=n`)).flatMap(({ body }) => body.items)).toHaveLength(44);
  });
});
