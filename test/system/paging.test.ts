/** Pages of lists: nothing twice, nothing left out, and cursors that serve the list, account and filters that they were made for. */
import { beforeAll, describe, expect, it } from 'vitest';
import { type Answer, made, openAccount, type Program } from '../support/api.ts';
import { makeProduct } from '../support/device.ts';
import { someOf } from '../support/effort.ts';
import { walk } from '../support/readings.ts';
import { sharedHost } from '../support/shared-host.ts';

const host = sharedHost();
let acme: Program;
let product: string;
let buckets: string[];

beforeAll(async () => {
  acme = await openAccount(host.endpoints);
  product = await makeProduct(acme);
  buckets = [];
  for (let i = 0; i < 53; i++) buckets.push(made(await acme.post('/v1/buckets', { name: `b${i}`, source: {} })).id);
});

const idsOf = ({ body }: Answer): string[] => body.items.map(({ id }: { id: string }) => id);

const sizes = (pages: readonly Answer[]) => pages.map(({ body }) => body.items.length);

describe('a list', () => {
  it('answers 50 items unless asked for another number, and a next page if there is one', async () => {
    const pages = await walk(acme, '/v1/buckets');
    expect(sizes(pages)).toEqual([50, 3]);
    expect(pages.flatMap(idsOf)).toEqual(buckets);
    const byCursor = await acme.get(`/v1/buckets?cursor=${pages[0]?.body.next}`);
    expect(idsOf(byCursor)).toEqual(buckets.slice(50));
  });

  it.each([
    [20, [20, 20, 13]],
    [26, [26, 26, 1]],
    [53, [53]],
    [200, [53]],
  ])('of %i a page keeps its order and its limit', async (limit, expected) => {
    const pages = await walk(acme, `/v1/buckets?limit=${limit}`);
    expect(sizes(pages)).toEqual(expected);
    expect(pages.flatMap(idsOf)).toEqual(buckets);
  });

  it('goes on behind what was deleted meanwhile, and shows what was made', async () => {
    const other = await openAccount(host.endpoints, 'Other');
    const ids: string[] = [];
    for (let i = 0; i < 5; i++) ids.push(made(await other.post('/v1/buckets', { name: 'b', source: {} })).id);
    const first = await other.get('/v1/buckets?limit=2');
    made(await other.delete(`/v1/buckets/${ids[1]}`), 204);
    made(await other.delete(`/v1/buckets/${ids[2]}`), 204);
    const made6 = made(await other.post('/v1/buckets', { name: 'b', source: {} })).id;
    const rest = await other.get(`/v1/buckets?limit=10&cursor=${first.body.next}`);
    expect(idsOf(rest)).toEqual([ids[3], ids[4], made6]);
  });

  it('of every kind has pages', async () => {
    const more = [product, await makeProduct(acme, 'B'), await makeProduct(acme, 'C')];
    const devices: string[] = [];
    for (const line of [more[0], more[1], more[0], more[0]])
      devices.push(made(await acme.post('/v1/devices', { name: 'd', product: line })).id);
    const [device] = devices;
    const credentials: string[] = [];
    for (let i = 0; i < 3; i++)
      credentials.push(made(await acme.post(`/v1/devices/${device}/credentials`, { kind: 'certificate' })).id);
    const names = ['a', 'b', 'c'];
    for (const name of names) made(await acme.put(`/v1/devices/${device}/properties/${name}`, name));

    const all = async (path: string) => {
      const pages = await walk(acme, path);
      expect(
        sizes(pages)
          .slice(0, -1)
          .every((size) => size === 2),
        path,
      ).toBe(true);
      expect(pages.length, path).toBeGreaterThan(1);
      return pages;
    };
    expect((await all('/v1/products?limit=2')).flatMap(idsOf)).toEqual(more);
    expect((await all('/v1/devices?limit=2')).flatMap(idsOf)).toEqual(devices);
    expect((await all(`/v1/devices?product=${more[0]}&limit=2`)).flatMap(idsOf)).toEqual(
      [0, 2, 3].map((i) => devices[i]),
    );
    expect((await all(`/v1/devices/${device}/credentials?limit=2`)).flatMap(idsOf)).toEqual(credentials);
    const properties = (await all(`/v1/devices/${device}/properties?limit=2`)).flatMap(({ body }) => body.items);
    expect(properties.map(({ name }: { name: string }) => name).sort()).toEqual(names);
  });

  it('refuses a limit that is none', async () => {
    for (const limit of ['0', '-1', '201', '1.5', '1e2', '0x10', '%205', 'all', '', '9'.repeat(30)]) {
      const refused = await acme.get(`/v1/buckets?limit=${limit}`);
      expect([limit, refused.status, refused.body.errors]).toMatchObject([limit, 400, [{ pointer: '/query/limit' }]]);
    }
    const twice = await acme.get('/v1/buckets?limit=1&limit=2');
    expect([twice.status, twice.body.errors]).toMatchObject([400, [{ pointer: '/query/limit' }]]);
  });
});

describe('a cursor', () => {
  const refusal = {
    status: 400,
    body: { type: 'urn:custodia:problem:validation', errors: [{ pointer: '/query/cursor' }] },
  };

  it('that was forged or altered in any place is refused', async () => {
    const { next } = (await acme.get('/v1/buckets?limit=1')).body;
    const other = (char: string) => (char === 'A' ? 'B' : 'A');
    const altered = [...next].map((char, i) => `${next.slice(0, i)}${other(char)}${next.slice(i + 1)}`);
    const cut = [1, 2, 17, 30, next.length - 1].map((length) => next.slice(0, length));
    const forged = [
      Buffer.from(buckets[0] ?? '').toString('base64url'),
      Buffer.from(JSON.stringify({ pk: `A#${acme.account}#BUCKETS`, sk: buckets[0] })).toString('base64url'),
      buckets[0],
      'A'.repeat(next.length),
    ];
    const texts = [
      ...someOf(altered, 3),
      ...cut,
      ...forged,
      `${next}A`,
      `${next}%3D`,
      `%20${next}`,
      `${next}.`,
      '',
      '%00',
      'ñ',
    ];
    for (const text of texts)
      expect([text, await acme.get(`/v1/buckets?limit=1&cursor=${text}`)]).toMatchObject([text, refusal]);
    expect((await acme.get(`/v1/buckets?cursor=${'A'.repeat(4097)}`)).status).toBe(400);
    expect((await acme.get(`/v1/buckets?limit=1&cursor=${next}`)).status).toBe(200);
  });

  it('of another list, another filter or another account is refused', async () => {
    const [a, b] = [await makeProduct(acme, 'A'), await makeProduct(acme, 'B')];
    for (const line of [a, a, b, b]) made(await acme.post('/v1/devices', { name: 'd', product: line }));
    for (const name of ['a', 'b'])
      for (const line of [a, b]) made(await acme.put(`/v1/products/${line}/properties/${name}`, 1));
    const next = async (path: string) => made(await acme.get(path), 200).next as string;
    const foreign: [string, string][] = [
      ['/v1/products?limit=1', '/v1/buckets?limit=1'],
      ['/v1/buckets?limit=1', '/v1/products?limit=1'],
      ['/v1/devices?limit=1', `/v1/devices?limit=1&product=${a}`],
      [`/v1/devices?limit=1&product=${a}`, '/v1/devices?limit=1'],
      [`/v1/devices?limit=1&product=${a}`, `/v1/devices?limit=1&product=${b}`],
      [`/v1/products/${a}/properties?limit=1`, `/v1/products/${b}/properties?limit=1`],
      [`/v1/products/${a}/properties?limit=1`, '/v1/account/properties?limit=1'],
      [`/v1/products/${a}/properties?limit=1`, '/v1/products?limit=1'],
    ];
    for (const [from, to] of foreign)
      expect([from, to, await acme.get(`${to}&cursor=${await next(from)}`)]).toMatchObject([from, to, refusal]);
    const stranger = await openAccount(host.endpoints, 'Stranger');
    expect(await stranger.get(`/v1/buckets?limit=1&cursor=${await next('/v1/buckets?limit=1')}`)).toMatchObject(
      refusal,
    );
    // Another limit is no other list.
    expect((await acme.get(`/v1/buckets?limit=7&cursor=${await next('/v1/buckets?limit=1')}`)).status).toBe(200);
  });
});
