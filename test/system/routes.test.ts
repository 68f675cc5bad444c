/**
 * What every route owes, generated from the served `/openapi.json`: a route that is added tomorrow is tested tomorrow. Two accounts:
 * one asks, the other has one of everything and must be found by none of it.
 */
import { beforeAll, describe, expect, it } from 'vitest';
import {
  type Answer,
  clientToken,
  made,
  openAccount,
  operatorToken,
  type Program,
  type RequestOptions,
  request,
} from '../support/api.ts';
import { exported } from '../support/archives.ts';
import { makeDevice, makeProduct } from '../support/device.ts';
import { someOf, somePairs } from '../support/effort.ts';
import { type Ids, idPlaces, idPrefix, type Operation, readContract, type Schema, sample } from '../support/openapi.ts';
import { sharedHost } from '../support/shared-host.ts';

const PUBLIC = [
  'GET /docs',
  'GET /openapi.json',
  'GET /v1',
  'GET /.well-known/jwks.json',
  'POST /v1/ingest/{connector}',
];
const NOTHING = '00000000000000000000000000';
const PROPERTY = 'location';

const host = sharedHost();
let operations: Operation[];
let acme: Program;
let operator: string;
/** Ids of what acme has, what another account has, and what nobody has. */
let own: Ids;
let foreign: Ids;
let nobodys: Ids;
let other: Program;

/** One of everything, with the property `location` on each thing that carries some. */
async function furnish(of: Program): Promise<Ids> {
  const product = await makeProduct(of);
  const device = await makeDevice(of, product);
  const bucket = made(await of.post('/v1/buckets', { name: 'all', source: { product } })).id;
  for (const path of [`/v1/products/${product}`, `/v1/devices/${device.id}`])
    made(await of.put(`${path}/properties/${PROPERTY}`, { of: of.account }));
  const connector = made(await of.post('/v1/connectors', { name: 'network', kind: 'json', product })).id;
  return {
    acc: of.account,
    prd: product,
    dev: device.id,
    crd: device.credential.id,
    bkt: bucket,
    con: connector,
    cli: of.client.id,
    mbr: of.owner.memberId,
    del: made(await of.delete(`/v1/buckets/${bucket}/readings`), 202).id,
    imp: made(await of.post('/v1/imports', { format: 'archive', size: 1 })).id,
    exp: (await exported(of, { scope: { product }, format: 'archive' })).id,
  };
}

beforeAll(async () => {
  operations = readContract((await request(host.endpoints, 'GET', '/openapi.json')).body);
  [acme, other] = [await openAccount(host.endpoints), await openAccount(host.endpoints, 'Other')];
  operator = await operatorToken(host.endpoints);
  [own, foreign] = [await furnish(acme), await furnish(other)];
  nobodys = Object.fromEntries(Object.keys(own).map((prefix) => [prefix, `${prefix}_${NOTHING}`]));
});

const name = ({ method, path }: Operation) => `${method} ${path}`;
const guarded = () => operations.filter(({ access }) => access !== undefined);
const ofAccounts = () => guarded().filter(({ access }) => access !== 'person' && access !== 'custodia/operator');
const withBody = () => guarded().filter(({ body }) => body !== undefined);
const takesAnyJson = (body: Schema) => body.type === undefined;

const fill = (operation: Operation, ids: Ids, property = PROPERTY) =>
  operation.params.reduce((path, { name: param, schema }) => {
    const prefix = idPrefix(schema);
    return path.replace(`{${param}}`, prefix === undefined ? property : (ids[prefix] ?? `no id of ${prefix}`));
  }, operation.path);

/** Asks as acme, or as the operator where only the operator may. Whatever comes back, an error is a problem document. */
async function ask(operation: Operation, path: string, options: RequestOptions = {}): Promise<Answer> {
  const token = operation.access === 'custodia/operator' ? operator : acme.token;
  const headers: Record<string, string> = operation.headers.includes('If-Match') ? { 'if-match': '*' } : {};
  const answer = await request(host.endpoints, operation.method, path, {
    token,
    ...options,
    headers: { ...headers, ...options.headers },
  });
  if (answer.status >= 400) expectProblem(answer);
  expect(operation.statuses, `${name(operation)} declares what it answers`).toContain(answer.status);
  return answer;
}

function expectProblem({ status, headers, body, text }: Answer) {
  expect(headers.get('content-type'), text).toBe('application/problem+json');
  expect(body).toMatchObject({ type: expect.stringMatching(/^urn:custodia:problem:[a-z-]+$/), status });
  expect(body.title).not.toBe('');
  expect(body.detail).not.toBe('');
  expect(body.requestId).toMatch(/^\S{8,}$/);
  expect(text).not.toMatch(/\bat .+:\d+|node_modules|\.ts\b|Error:/);
}

const pointers = ({ body }: Answer): string[] => (body.errors ?? []).map((error: { pointer: string }) => error.pointer);
const bodyOf = (operation: Operation, ids: Ids) => operation.body && sample(operation.body, { ...own, ...ids });

/** `[route, status]` of each, to be compared as a whole: a failure names every route that it concerns. */
async function statuses(those: readonly Operation[], send: (operation: Operation) => Promise<Answer>) {
  const all: [string, number][] = [];
  for (const operation of those) all.push([name(operation), (await send(operation)).status]);
  return all;
}
const each = (those: readonly Operation[], status: number) =>
  those.map((operation): [string, number] => [name(operation), status]);

describe('a token', () => {
  it('is needed on every route but a closed public list', async () => {
    const open = operations.filter(({ access }) => access === undefined).map(name);
    expect(PUBLIC).toEqual(expect.arrayContaining(open));
    expect(guarded().length).toBeGreaterThan(30);
    const bare = (operation: Operation) =>
      request(host.endpoints, operation.method, fill(operation, own), { body: bodyOf(operation, {}) });
    expect(await statuses(guarded(), bare)).toEqual(each(guarded(), 401));
  });

  it('that is none is refused with a challenge', async () => {
    for (const operation of guarded()) {
      const answer = await ask(operation, fill(operation, own), { token: 'a.b.c', body: bodyOf(operation, {}) });
      expect([name(operation), answer.status]).toEqual([name(operation), 401]);
      expect(answer.headers.get('www-authenticate')).toBe('Bearer error="invalid_token"');
    }
  });

  it('is taken from the header only', async () => {
    expect((await request(host.endpoints, 'GET', `/v1/products?access_token=${acme.token}`)).status).toBe(401);
  });

  it('without the scope of a route is refused, with that scope alone it is not', async () => {
    const scopes = [...new Set(ofAccounts().map(({ access }) => access ?? ''))];
    const granted = made(await acme.post('/v1/api-clients', { name: 'all', scopes })); // an answer names all it holds
    for (const scope of scopes) {
      const those = ofAccounts().filter(({ access }) => access === scope);
      const without = await clientToken(host.endpoints, granted, scopes.filter((one) => one !== scope).join(' '));
      const refused = (operation: Operation) => ask(operation, fill(operation, nobodys), { token: without });
      expect(await statuses(those, refused)).toEqual(each(those, 403));

      const alone = await clientToken(host.endpoints, granted, scope);
      for (const operation of those) {
        // An unknown parameter: what passes the scope is refused before it does anything.
        const answer = await ask(operation, `${fill(operation, own)}?nonsense=1`, {
          token: alone,
          body: bodyOf(operation, {}),
        });
        expect([name(operation), answer.status]).toEqual([name(operation), 400]);
      }
    }
  });

  it('of a program is none of a person or an operator', async () => {
    const those = guarded().filter(({ access }) => access === 'person' || access === 'custodia/operator');
    const refused = (operation: Operation) => ask(operation, fill(operation, own), { token: acme.token });
    expect(await statuses(those, refused)).toEqual(each(those, 403));
    const operators = (operation: Operation) => ask(operation, fill(operation, own), { token: operator });
    expect(await statuses(ofAccounts(), operators)).toEqual(each(ofAccounts(), 403));
  });
});

describe('an id', () => {
  const but = ({ requestId: _, ...body }: Record<string, unknown>) => body;

  /** The answer to an id that is another account's, and to one that nobody has, must be one and the same. */
  async function same(operation: Operation, send: (ids: Ids) => Promise<Answer>, prefixes: readonly string[]) {
    const replaced = (by: Ids) => Object.fromEntries(prefixes.map((prefix) => [prefix, by[prefix] ?? '']));
    const there = await send({ ...own, ...replaced(foreign) });
    const nowhere = await send({ ...own, ...replaced(nobodys) });
    expect([name(operation), there.status], there.text).toEqual([name(operation), 404]);
    expect(but(there.body)).toEqual(but(nowhere.body));
    expect(nowhere.status).toBe(404);
  }

  it('in a path answers the same 404, be it another account’s or nobody’s', async () => {
    let tried = 0;
    for (const operation of ofAccounts()) {
      const prefixes = operation.params.flatMap(({ schema }) => idPrefix(schema) ?? []);
      const body = bodyOf(operation, {});
      const send = (ids: Ids) => ask(operation, fill(operation, ids), { body });
      for (const prefix of prefixes) await same(operation, send, [prefix]);
      if (prefixes.length > 1) await same(operation, send, prefixes);
      tried += prefixes.length;
    }
    expect(tried).toBeGreaterThan(20);
  });

  it('in a body answers the same 404', async () => {
    const places = ofAccounts().flatMap((operation) =>
      operation.body ? idPlaces(operation.body).map((place) => ({ operation, place })) : [],
    );
    expect(places.map(({ operation, place: [path] }) => `${operation.id} ${path.join('.')}`)).toEqual(
      expect.arrayContaining([
        'devices.create product',
        'buckets.create source.product',
        'buckets.create source.device',
        'connectors.create product',
      ]),
    );
    for (const { operation, place } of places) {
      const [path, prefix] = place;
      const send = (ids: Ids) => {
        const body = structuredClone(bodyOf(operation, {})) as Record<string, unknown>;
        const last = path.slice(0, -1).reduce((tree, step) => tree[step] as Record<string, unknown>, body);
        last[path.at(-1) ?? ''] = ids[prefix];
        return ask(operation, fill(operation, own), { body });
      };
      await same(operation, send, [prefix]);
    }
  });

  it('in a query answers the same 404', async () => {
    const places = ofAccounts().flatMap((operation) =>
      operation.query.flatMap(({ name: param, schema }) => {
        const prefix = idPrefix(schema);
        return prefix === undefined ? [] : [{ operation, param, prefix }];
      }),
    );
    expect(places.map(({ operation, param }) => `${operation.id} ${param}`)).toEqual(
      expect.arrayContaining(['devices.list product', 'readings.query device']),
    );
    for (const { operation, param, prefix } of places) {
      await same(operation, (ids) => ask(operation, `${fill(operation, own)}?${param}=${ids[prefix]}`), [prefix]);
    }
  });

  it('of another form answers 404, too', async () => {
    const those = ofAccounts().filter(({ params }) => params.some(({ schema }) => idPrefix(schema) !== undefined));
    for (const form of ['1', 'dev_%2e%2e', `prd_${'z'.repeat(26)}0`, '%00', '*', "' OR 1=1", 'A%23x']) {
      const ids = Object.fromEntries(Object.keys(own).map((prefix) => [prefix, form]));
      const send = (operation: Operation) => ask(operation, fill(operation, ids), { body: bodyOf(operation, {}) });
      expect(await statuses(those, send)).toEqual(each(those, 404));
    }
  });

  it('changed nothing of the other account’s', async () => {
    const { prd, dev, crd, bkt, cli } = foreign;
    const paths = ['/v1/account', `/v1/products/${prd}`, `/v1/devices/${dev}`, `/v1/buckets/${bkt}`];
    for (const path of paths) {
      const answer = await other.get(path);
      expect([path, answer.status, answer.headers.get('etag')]).toEqual([path, 200, '"1"']);
    }
    for (const path of [`/v1/products/${prd}`, `/v1/devices/${dev}`])
      expect((await other.get(`${path}/properties/${PROPERTY}`)).body.value).toEqual({ of: other.account });
    expect((await other.get(`/v1/devices/${dev}/credentials`)).body.items).toMatchObject([{ id: crd }]);
    expect((await other.get('/v1/api-clients')).body.items).toMatchObject([{ id: cli }]);
    for (const list of ['products', 'devices', 'buckets'])
      expect((await other.get(`/v1/${list}`)).body.items, list).toHaveLength(1);
  });
});

describe('a request', () => {
  it('for what is no route gets a problem document', async () => {
    const paths = ['/', '/v2', '/v1/', '/v1/nothing', '/v1/products/', '/v1//products', '/openapi.yaml'];
    for (const path of paths) {
      const answer = await request(host.endpoints, 'GET', path, { token: acme.token });
      expect([path, answer.status]).toEqual([path, 404]);
      expectProblem(answer);
    }
    const answer = await request(host.endpoints, 'PUT', '/v1/products', { token: acme.token, body: {} });
    expect(answer.status).toBe(404);
    expectProblem(answer);
  });

  it('with a parameter that its route doesn’t know is refused', async () => {
    const those = guarded().filter(({ access }) => access !== 'person');
    for (const [operation, parameter] of somePairs(those, ['nonsense', 'Limit', '__proto__', 'constructor'], 4)) {
      const answer = await ask(operation, `${fill(operation, own)}?${parameter}=1`, { body: bodyOf(operation, {}) });
      expect([name(operation), answer.status, pointers(answer)]).toEqual([
        name(operation),
        400,
        [`/query/${parameter}`],
      ]);
    }
  });

  it('with a body in another media type is refused', async () => {
    for (const type of someOf(['text/plain', 'application/x-www-form-urlencoded', '', 'application/xml'], 2)) {
      const send = (operation: Operation) =>
        ask(operation, fill(operation, own), {
          raw: JSON.stringify(bodyOf(operation, {})),
          headers: { 'content-type': type },
        });
      expect(await statuses(withBody(), send)).toEqual(each(withBody(), 415));
    }
    // A merge patch is one only as the body of a PATCH.
    const others = withBody().filter(({ bodyTypes }) => !bodyTypes.includes('application/merge-patch+json'));
    expect(
      new Set(
        withBody()
          .filter((one) => !others.includes(one))
          .map(({ method }) => method),
      ),
    ).toEqual(new Set(['PATCH']));
    const patch = (operation: Operation) =>
      ask(operation, fill(operation, own), {
        raw: '{}',
        headers: { 'content-type': 'application/merge-patch+json' },
      });
    expect(await statuses(others, patch)).toEqual(each(others, 415));
  });

  it('with a body over 256 KB is refused, one with readings over 1 MB', async () => {
    const of = (kb: number) => `{"name":"${'x'.repeat(kb * 1024)}"}`;
    const send = (operation: Operation) =>
      ask(operation, fill(operation, own), { raw: of(operation.id === 'readings.write' ? 1024 : 256) });
    expect(await statuses(withBody(), send)).toEqual(each(withBody(), 413));
  });

  it('with a body that is no JSON, too deep, or missing, is refused', async () => {
    const deep = `${'['.repeat(10_000)}${']'.repeat(10_000)}`;
    const objects = `${'{"a":'.repeat(10_000)}1${'}'.repeat(10_000)}`;
    const raws = ['', '{', '{"name":}', "{'name':1}", '{"name":"x"} x', '\uFEFF{}', 'NaN', deep, objects];
    for (const [raw, operation] of somePairs(raws, withBody(), 3)) {
      const answer = await ask(operation, fill(operation, own), { raw });
      expect([name(operation), raw.slice(0, 9), answer.status]).toEqual([name(operation), raw.slice(0, 9), 400]);
      expect(pointers(answer)).toEqual(['']);
    }
  });

  it('with a member that its route doesn’t know is refused, whatever its name', async () => {
    const those = withBody().filter(({ body }) => body && !takesAnyJson(body));
    const members = ['nonsense', '__proto__', 'constructor', 'toString', 'a/b~c'];
    for (const [operation, member] of somePairs(those, members, 3)) {
      const fitting = JSON.stringify(bodyOf(operation, {})).slice(1, -1);
      const raw = `{${fitting}${fitting ? ',' : ''}${JSON.stringify(member)}:{"polluted":true}}`;
      const answer = await ask(operation, fill(operation, own), { raw });
      const pointer = `/${member.replace('~', '~0').replace('/', '~1')}`;
      expect([name(operation), answer.status, pointers(answer)]).toEqual([name(operation), 400, [pointer]]);
    }
  });

  it('with a member of a wrong type is refused, and every such member is named', async () => {
    let tried = 0;
    for (const operation of withBody()) {
      if (!operation.body || takesAnyJson(operation.body)) continue;
      const members = Object.keys(operation.body.properties ?? {});
      for (const wrong of [[[]], { not: 'this' }, 1e300]) {
        const body = Object.fromEntries(members.map((member) => [member, wrong]));
        const answer = await ask(operation, fill(operation, own), { body });
        expect([name(operation), answer.status]).toEqual([name(operation), 400]);
        const named = new Set(pointers(answer).map((pointer) => `/${pointer.split('/')[1]}`));
        expect([name(operation), [...named].sort()]).toEqual([name(operation), members.map((one) => `/${one}`).sort()]);
        tried += 1;
      }
      for (const raw of someOf(['[]', '1', 'null', '"text"', 'true'], 2)) {
        const answer = await ask(operation, fill(operation, own), { raw });
        expect([name(operation), raw, answer.status]).toEqual([name(operation), raw, 400]);
        expect(pointers(answer)).toEqual(['']);
      }
    }
    expect(tried).toBeGreaterThan(20);
  });

  it('that takes no body is refused with one', async () => {
    const those = guarded().filter(({ body, method, access }) => !body && method === 'DELETE' && access !== 'person');
    for (const raw of ['{"force":true}', '[]', '1', 'null']) {
      const send = (operation: Operation) => ask(operation, fill(operation, nobodys), { raw });
      expect(await statuses(those, send)).toEqual(each(those, 400));
    }
  });
});
