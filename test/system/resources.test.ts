/** Products, devices, buckets, properties and the account's profile: what their routes promise beyond each one's own meaning. */
import { beforeAll, describe, expect, it } from 'vitest';
import { type Answer, made, openAccount, type Program, request } from '../support/api.ts';
import { makeDevice, makeProduct } from '../support/device.ts';
import { sharedHost } from '../support/shared-host.ts';

const host = sharedHost();
let acme: Program;
let product: string;

beforeAll(async () => {
  acme = await openAccount(host.endpoints);
  product = await makeProduct(acme);
});

const ifMatch = (tag: string) => ({ headers: { 'if-match': tag } });
const etag = ({ headers }: Answer) => headers.get('etag');
const pointers = ({ body }: Answer): string[] => (body.errors ?? []).map((error: { pointer: string }) => error.pointer);

/** Lists with what each takes, what may be changed, and what may not. */
const THINGS = {
  products: { make: () => ({ name: 'Thermometer', description: 'Old' }), gone: 'description', fixed: { id: 'x' } },
  devices: {
    make: () => ({ name: 't-1', product, serialNumber: 'SN 1', description: 'Cellar' }),
    gone: 'serialNumber',
    fixed: { product: 'x' },
  },
  buckets: {
    make: () => ({ name: 'temps', source: { product }, retentionDays: 7, timeZone: 'Europe/Madrid' }),
    gone: 'retentionDays',
    fixed: { source: {} },
  },
} as const;

describe.each(Object.entries(THINGS))('%s', (list, { make, gone, fixed }) => {
  it('are made, read, changed, and deleted, each change on the version that was read', async () => {
    const answer = await acme.post(`/v1/${list}`, make());
    const thing = made(answer);
    const path = `/v1/${list}/${thing.id}`;
    expect(answer.headers.get('location')).toBe(path);
    expect(etag(answer)).toBe('"1"');
    expect(thing).toMatchObject(make());
    expect(thing.updatedAt).toBe(thing.createdAt);
    const read = await acme.get(path);
    expect([etag(read), read.body]).toEqual(['"1"', thing]);

    expect((await acme.patch(path, { name: 'new' })).status).toBe(428);
    for (const tag of ['"2"', '"0"', 'W/"1"', '1', '"x"', '"1', '"2", W/"1"', ''])
      expect([tag, (await acme.patch(path, { name: 'new' }, ifMatch(tag))).status]).toEqual([tag, 412]);
    expect((await acme.get(path)).body).toEqual(thing);

    const changed = await acme.patch(path, { name: 'new' }, ifMatch('"1"'));
    expect([changed.status, etag(changed)]).toEqual([200, '"2"']);
    expect(changed.body).toEqual({ ...thing, name: 'new', updatedAt: changed.body.updatedAt });
    expect(changed.body.updatedAt > thing.updatedAt).toBe(true);
    expect((await acme.patch(path, { name: 'newer' }, ifMatch('"1"'))).status).toBe(412);

    const { [gone]: _, ...left } = changed.body;
    const without = await acme.patch(
      path,
      { [gone]: null },
      { headers: { 'if-match': '"9", "2"', 'content-type': 'application/merge-patch+json' } },
    );
    expect(without.body).toEqual({ ...left, updatedAt: without.body.updatedAt });
    expect(etag(await acme.patch(path, { name: 'any' }, ifMatch('*')))).toBe('"4"');

    const refused = await acme.patch(path, { name: null, ...fixed }, ifMatch('*'));
    expect(refused.status).toBe(400);
    expect(pointers(refused).sort()).toEqual(['/name', `/${Object.keys(fixed)[0]}`].sort());

    expect((await acme.delete(path, ifMatch('"3"'))).status).toBe(412);
    const deleted = await acme.delete(path, ifMatch('"4"'));
    expect([deleted.status, deleted.text]).toEqual([204, '']);
    for (const again of [acme.get(path), acme.delete(path), acme.patch(path, {}, ifMatch('*'))])
      expect((await again).status).toBe(404);
    const ids = (await acme.get(`/v1/${list}?limit=200`)).body.items.map(({ id }: { id: string }) => id);
    expect(ids).not.toContain(thing.id);
  });

  it('let one of several changes of the same version win', async () => {
    const path = `/v1/${list}/${made(await acme.post(`/v1/${list}`, make())).id}`;
    const names = Array.from({ length: 6 }, (_, i) => `by ${i}`);
    const answers = await Promise.all(names.map((name) => acme.patch(path, { name }, ifMatch('"1"'))));
    expect(answers.map(({ status }) => status).sort()).toEqual([200, 412, 412, 412, 412, 412]);
    const winner = answers.find(({ status }) => status === 200);
    expect((await acme.get(path)).body).toEqual(winner?.body);
    made(await acme.delete(path), 204);
  });

  it('have names of up to 1,000 characters of any script', async () => {
    const names = ['a', '🌡'.repeat(1000), 'ñ日本語 \u202eabc', '"; DROP TABLE --', '<script>', '__proto__', ' '];
    for (const name of names) {
      const thing = made(await acme.post(`/v1/${list}`, { ...make(), name }));
      expect(thing.name).toBe(name);
      expect((await acme.get(`/v1/${list}/${thing.id}`)).body.name).toBe(name);
      made(await acme.delete(`/v1/${list}/${thing.id}`), 204);
    }
    for (const name of ['', 'x'.repeat(1001), '🌡'.repeat(1001), 'a\nb', 'a\u0000b', 7, null]) {
      const refused = await acme.post(`/v1/${list}`, { ...make(), name });
      expect([refused.status, pointers(refused)]).toEqual([400, ['/name']]);
    }
  });
});

describe('the account', () => {
  it('has a profile that is changed like any other thing', async () => {
    const program = await openAccount(host.endpoints, 'Ñandú');
    const read = await program.get('/v1/account');
    expect(read.body).toMatchObject({ id: program.account, name: 'Ñandú' });
    expect((await program.patch('/v1/account', { timeZone: 'UTC' })).status).toBe(428);
    const changed = await program.patch('/v1/account', { timeZone: 'Asia/Tokyo' }, ifMatch(etag(read) ?? ''));
    expect(changed.body).toMatchObject({ name: 'Ñandú', timeZone: 'Asia/Tokyo' });
    expect((await program.patch('/v1/account', { name: 'x' }, ifMatch(etag(read) ?? ''))).status).toBe(412);
    const zone = await program.patch('/v1/account', { timeZone: 'Moon/Base' }, ifMatch('*'));
    expect([zone.status, pointers(zone)]).toEqual([400, ['/timeZone']]);
    const without = await program.patch('/v1/account', { timeZone: null }, ifMatch(etag(changed) ?? ''));
    expect(without.body).not.toHaveProperty('timeZone');
    expect((await acme.get('/v1/account')).body.name).toBe('Acme');
  });
});

describe('a credential', () => {
  it('is listed without what is secret, and a CSR that is none is refused', async () => {
    const device = await makeDevice(acme, product);
    const path = `/v1/devices/${device.id}/credentials`;
    const second = await acme.post(path, { kind: 'certificate' });
    expect(made(second).privateKeyPem).toMatch(/PRIVATE KEY/);
    expect(second.headers.get('location')).toBe(`${path}/${second.body.id}`);
    const { items } = (await acme.get(path)).body;
    expect(items.map(({ id }: { id: string }) => id)).toEqual([device.credential.id, second.body.id]);
    expect(Object.keys(items[0]).sort()).toEqual(['certificateId', 'createdAt', 'id', 'kind']);
    const refused = await acme.post(path, { kind: 'certificate', csr: 'none' });
    expect([refused.status, pointers(refused)]).toEqual([400, ['/csr']]);
    made(await acme.delete(`${path}/${second.body.id}`), 204);
    expect((await acme.delete(`${path}/${second.body.id}`)).status).toBe(404);
    expect((await acme.get(path)).body.items).toHaveLength(1);
  });
});

describe('a property', () => {
  const owners = async () => [
    '/v1/account',
    `/v1/products/${product}`,
    `/v1/devices/${(await makeDevice(acme, product)).id}`,
  ];
  const raw = (value: string, headers = {}) => ({
    raw: value,
    headers: { 'content-type': 'application/json', ...headers },
  });

  it('is made, replaced, listed and deleted on an account, a product and a device', async () => {
    for (const owner of await owners()) {
      const path = `${owner}/properties/location`;
      expect((await acme.get(path)).status).toBe(404);
      expect((await acme.put(path, 1, ifMatch('*'))).status).toBe(412);
      expect((await acme.put(path, 1, ifMatch('"1"'))).status).toBe(412);
      const first = await acme.put(path, { floor: 1 });
      expect([first.status, etag(first), first.body]).toMatchObject([
        201,
        '"1"',
        { name: 'location', value: { floor: 1 } },
      ]);
      const next = await acme.put(path, { room: 2 }, ifMatch('"1"'));
      expect([next.status, etag(next), next.body.value]).toEqual([200, '"2"', { room: 2 }]);
      expect((await acme.put(path, 3, ifMatch('"1"'))).status).toBe(412);
      const read = await acme.get(path);
      expect([etag(read), read.body]).toEqual(['"2"', next.body]);
      made(await acme.put(`${owner}/properties/a.b-c_D9`, null));
      const { items } = (await acme.get(`${owner}/properties`)).body;
      expect(items.map(({ name }: { name: string }) => name).sort()).toEqual(['a.b-c_D9', 'location']);
      expect((await acme.delete(path, ifMatch('"1"'))).status).toBe(412);
      made(await acme.delete(path, ifMatch('"2"')), 204);
      expect([(await acme.get(path)).status, (await acme.delete(path)).status]).toEqual([404, 404]);
      // A name that stood before begins anew.
      expect(etag(await acme.put(path, 1))).toBe('"1"');
    }
  });

  const VALUES = [
    'null',
    'false',
    '0',
    '-0',
    '9007199254740993',
    '-1e400',
    '0.1234567890123456789',
    '""',
    '"\\ud83c\\udf21 \\u0000"',
    '[]',
    '{}',
    '{"__proto__":{"polluted":true},"constructor":1,"toString":null,"":0}',
    `${'['.repeat(64)}${']'.repeat(64)}`,
    `{"long":"${'é'.repeat(120_000)}"}`,
  ];
  it('holds any JSON value as it was sent', async () => {
    const path = `/v1/products/${product}/properties/any`;
    for (const value of VALUES) {
      const written = await acme.put(path, undefined, raw(value));
      expect([value.slice(0, 40), written.status < 300], written.text.slice(0, 300)).toEqual([
        value.slice(0, 40),
        true,
      ]);
      const { text } = await acme.get(path);
      const sent = /[\\]u/.test(value) ? JSON.stringify(JSON.parse(value)) : value;
      expect(text.slice(0, sent.length + 40)).toContain(`"value":${sent},`);
    }
    const deep = await acme.put(path, undefined, raw(`${'['.repeat(65)}${']'.repeat(65)}`));
    expect([deep.status, pointers(deep)]).toEqual([400, ['']]);
  });

  it('has a name that fits a path, and tells where it doesn’t', async () => {
    for (const name of ['%20', 'a%2Fb', '-a', 'a'.repeat(129), 'ñ', '__proto__']) {
      const refused = await acme.put(`/v1/account/properties/${name}`, 1);
      expect([name, refused.status, pointers(refused)]).toEqual([name, 400, ['/path/name']]);
    }
    for (const name of ['a'.repeat(128), 'constructor', 'toString', '0'])
      made(await acme.put(`/v1/account/properties/${name}`, 1));
  });

  it('takes every one of several writes at once that name no version', async () => {
    const path = '/v1/account/properties/counter';
    const answers = await Promise.all([1, 2, 3, 4, 5].map((n) => acme.put(path, n)));
    expect(answers.map(({ status }) => status).sort()).toEqual([200, 200, 200, 200, 201]);
    expect(answers.map(etag).sort()).toEqual(['"1"', '"2"', '"3"', '"4"', '"5"']);
    const last = answers.find((answer) => etag(answer) === '"5"');
    expect((await acme.get(path)).body.value).toBe(last?.body.value);
  });
});

describe('an answer', () => {
  it('may be read by pages of the allowed origin, and by no other', async () => {
    const preflight = (origin: string) =>
      request(host.endpoints, 'OPTIONS', '/v1/products', {
        headers: {
          origin,
          'access-control-request-method': 'PATCH',
          'access-control-request-headers': 'authorization,if-match,idempotency-key,custodia-account',
        },
      });
    const allowed = await preflight('http://localhost:3000');
    expect(allowed.status).toBe(204);
    expect(allowed.headers.get('access-control-allow-origin')).toBe('http://localhost:3000');
    const headers = allowed.headers.get('access-control-allow-headers')?.split(',') ?? [];
    expect(headers).toEqual(
      expect.arrayContaining(['authorization', 'content-type', 'if-match', 'idempotency-key', 'custodia-account']),
    );
    expect(allowed.headers.get('access-control-allow-methods')).toMatch(/^\*$|PATCH/);
    for (const origin of ['http://localhost:3001', 'https://localhost:3000', 'http://evil.test', 'null']) {
      expect([origin, (await preflight(origin)).headers.get('access-control-allow-origin')]).toEqual([origin, null]);
      const answer = await acme.get('/v1/products', { headers: { origin } });
      expect(answer.headers.get('access-control-allow-origin')).toBeNull();
    }
    for (const path of ['/v1/products', '/v1/nothing']) {
      const answer = await acme.get(path, { headers: { origin: 'http://localhost:3000' } });
      expect(answer.headers.get('access-control-allow-origin')).toBe('http://localhost:3000');
      expect(answer.headers.get('access-control-expose-headers')).toMatch(/etag.*link.*location/);
    }
  });

  it('of an account is kept by no cache', async () => {
    for (const path of ['/v1/account', '/v1/products', '/v1/nothing', '/v1/products/x'])
      expect([path, (await acme.get(path)).headers.get('cache-control')]).toEqual([path, 'no-store']);
  });

  it('says when to come again if a store is busy', async () => {
    await host.control('fail', { service: 'dynamodb', action: 'GetItem', code: 'ThrottlingException', status: 400 });
    const busy = await acme.get(`/v1/products/${product}`);
    await host.control('heal');
    expect([busy.status, busy.body.type]).toEqual([503, 'urn:custodia:problem:unavailable']);
    expect(Number(busy.headers.get('retry-after'))).toBeGreaterThan(0);
    expect((await acme.get(`/v1/products/${product}`)).status).toBe(200);
  });
});
