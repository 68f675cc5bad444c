/** The operator: opens, lists and suspends accounts, as a program or as a person, and gets into none of them. */
import { beforeAll, describe, expect, it } from 'vitest';
import { clientToken, made, openAccount, operatorToken, type Program, program, request } from '../support/api.ts';
import { acceptInvitation, operatorsDoor, signIn } from '../support/person.ts';
import { sharedHost } from '../support/shared-host.ts';

const ACCOUNTS = '/v1/operator/accounts';
const EVERYTHING = 'openid custodia/operator custodia/account.read custodia/members.read';

const host = sharedHost();
let operator: ReturnType<typeof program>;
let acme: Program;

beforeAll(async () => {
  operator = program(host.endpoints, await operatorToken(host.endpoints));
  acme = await openAccount(host.endpoints);
});

const newAccount = (name: string, more: object = {}) => ({
  name,
  owner: { email: `${name.toLowerCase()}@owners.test`, name: 'Olga Owner' },
  ...more,
});

async function everyAccount(limit: number): Promise<{ id: string; status: string }[]> {
  const found: { id: string; status: string }[] = [];
  let next = '';
  do {
    const page = made(await operator.get(`${ACCOUNTS}?limit=${limit}${next}`), 200);
    expect(page.items.length).toBeLessThanOrEqual(limit);
    found.push(...page.items);
    next = page.next ? `&cursor=${encodeURIComponent(page.next)}` : '';
  } while (next);
  return found;
}

describe('opening an account', () => {
  it('invites its owner, and answers a first API client where one is asked for', async () => {
    const plain = made(await operator.post(ACCOUNTS, newAccount('Plain')));
    expect(plain).toEqual({
      id: expect.stringMatching(/^acc_/),
      name: 'Plain',
      owner: { memberId: expect.stringMatching(/^mbr_/), email: 'plain@owners.test' },
    });
    const answer = await operator.post(ACCOUNTS, newAccount('Rich', { apiClient: true }));
    const rich = made(answer);
    expect(answer.headers.get('location')).toBe(`${ACCOUNTS}/${rich.id}`);
    const client = program(host.endpoints, await clientToken(host.endpoints, rich.apiClient));
    expect(made(await client.get('/v1/account'), 200)).toMatchObject({ id: rich.id, name: 'Rich' });
    const [owner] = made(await client.get('/v1/members'), 200).items;
    expect(owner).toMatchObject({ id: rich.owner.memberId, email: 'rich@owners.test', role: 'owner' });
    const [first] = made(await client.get('/v1/api-clients'), 200).items;
    expect(first).toMatchObject({ id: rich.apiClient.id, scopes: rich.apiClient.scopes });
  });

  it.each([
    ['no name', { owner: { email: 'x@owners.test', name: 'X' } }],
    ['no owner', { name: 'X' }],
    ['an owner without a proper e-mail', { name: 'X', owner: { email: 'x', name: 'X' } }],
    ['a field that is none', { ...newAccount('X'), status: 'active' }],
  ])('is refused with %s', async (_, body) => {
    expect((await operator.post(ACCOUNTS, body)).status).toBe(400);
  });

  it('happens once for one idempotency key, whose replay has no secret', async () => {
    const headers = { 'idempotency-key': 'open-1' };
    const body = newAccount('Once', { apiClient: true });
    const first = made(await operator.post(ACCOUNTS, body, { headers }));
    const before = (await everyAccount(200)).length;
    const again = await operator.post(ACCOUNTS, body, { headers });
    const { clientSecret, ...client } = first.apiClient;
    expect(again.status).toBe(201);
    expect(again.body).toEqual({ ...first, apiClient: client });
    expect(again.text).not.toContain(clientSecret);
    expect(again.headers.get('location')).toBe(`${ACCOUNTS}/${first.id}`);
    expect((await everyAccount(200)).length).toBe(before);

    const other = await operator.post(ACCOUNTS, newAccount('Twice'), { headers });
    expect(other.status).toBe(422);
    expect(other.body.type).toBe('urn:custodia:problem:idempotency-mismatch');
    const long = await operator.post(ACCOUNTS, body, { headers: { 'idempotency-key': 'x'.repeat(256) } });
    expect(long.status).toBe(400);
    expect((await everyAccount(200)).length).toBe(before);
  });

  it('happens once also for two requests at the same time', async () => {
    const before = (await everyAccount(200)).length;
    const headers = { 'idempotency-key': 'open-together' };
    const ask = () => operator.post(ACCOUNTS, newAccount('Together'), { headers });
    const statuses = (await Promise.all([ask(), ask()])).map(({ status }) => status).toSorted();
    expect([
      [201, 201],
      [201, 409],
    ]).toContainEqual(statuses);
    expect((await everyAccount(200)).length).toBe(before + 1);
  });

  it('leaves no account behind where it fails half way, and is done by the next try', async () => {
    const before = (await everyAccount(200)).length;
    const headers = { 'idempotency-key': 'open-after-all' };
    await host.control('fail', {
      service: 'kms',
      action: 'GenerateDataKey',
      code: 'KMSInternalException',
      status: 500,
    });
    expect((await operator.post(ACCOUNTS, newAccount('Late'), { headers })).status).toBeGreaterThanOrEqual(500);
    await host.control('heal');
    expect((await everyAccount(200)).length).toBe(before);
    // The first request may still be at work for as long as a handler lives.
    expect((await operator.post(ACCOUNTS, newAccount('Late'), { headers })).status).toBe(409);
    await host.advance(61);
    made(await operator.post(ACCOUNTS, newAccount('Late'), { headers }));
    expect((await everyAccount(200)).length).toBe(before + 1);
  });
});

describe('the list of accounts', () => {
  it('has every account once, oldest first, page by page, with states and without names', async () => {
    const all = await everyAccount(200);
    const paged = await everyAccount(2);
    expect(paged).toEqual(all);
    expect(all.map(({ id }) => id)).toEqual([...new Set(all.map(({ id }) => id))].toSorted());
    expect(all.find(({ id }) => id === acme.account)).toEqual({
      id: acme.account,
      status: 'active',
      createdAt: expect.any(String),
    });
    const { headers } = await operator.get(`${ACCOUNTS}?limit=1`);
    expect(headers.get('link')).toMatch(/^<\/v1\/operator\/accounts\?limit=1&cursor=[^>]+>; rel="next"$/);
  });

  it('takes no cursor but its own', async () => {
    const { next } = made(await operator.get(`${ACCOUNTS}?limit=1`), 200);
    const ofProducts = await (async () => {
      for (const name of ['a', 'b']) made(await acme.post('/v1/products', { name }));
      return made(await acme.get('/v1/products?limit=1'), 200).next;
    })();
    const nobodys = Buffer.from('acc_!').toString('base64url');
    for (const cursor of ['x', `${next}x`, `${next}!`, next.slice(1), next.slice(0, -1), ofProducts, nobodys]) {
      const answer = await operator.get(`${ACCOUNTS}?cursor=${encodeURIComponent(cursor)}`);
      expect(answer.status, cursor).toBe(400);
      expect(answer.body.errors).toMatchObject([{ pointer: '/query/cursor' }]);
    }
    expect((await operator.get(`${ACCOUNTS}?limit=0`)).status).toBe(400);
  });
});

describe('suspension', () => {
  const setStatus = (id: string, status: string) => operator.patch(`${ACCOUNTS}/${id}`, { status });

  it('holds within 60 seconds for programs and people, keeps the data, touches no other account, and is lifted again', async () => {
    const closed = await openAccount(host.endpoints, 'Closed');
    const { access_token } = await acceptInvitation(host.endpoints, closed.owner.email, EVERYTHING);
    const owner = program(host.endpoints, access_token);
    const product = made(await closed.post('/v1/products', { name: 'Kept' }));
    expect((await owner.get('/v1/account')).status).toBe(200);

    expect(made(await setStatus(closed.account, 'suspended'), 200)).toMatchObject({
      id: closed.account,
      status: 'suspended',
    });
    await host.advance(60);
    const refusals = [await closed.get('/v1/account'), await closed.post('/v1/products', { name: 'More' })];
    for (const refused of [...refusals, await owner.get('/v1/account')]) {
      expect(refused.status).toBe(403);
      expect(refused.body).toMatchObject({ detail: expect.stringMatching(/suspended/) });
    }
    // New tokens are of no more use than old ones.
    const again = program(host.endpoints, await clientToken(host.endpoints, closed.client));
    expect((await again.get('/v1/account')).status).toBe(403);
    expect((await acme.get('/v1/account')).status).toBe(200);
    expect((await everyAccount(200)).find(({ id }) => id === closed.account)?.status).toBe('suspended');

    made(await setStatus(closed.account, 'active'), 200);
    await host.advance(60);
    expect(made(await closed.get(`/v1/products/${product.id}`), 200).name).toBe('Kept');
    expect((await owner.get('/v1/account')).status).toBe(200);
  });

  it('is of an account that there is, to a state that there is', async () => {
    expect((await setStatus('acc_01jz8k3m5nq7r9t1v3w5x7y9z2', 'suspended')).status).toBe(404);
    expect((await setStatus('nonsense', 'suspended')).status).toBe(404);
    expect((await setStatus(acme.account, 'deleted')).status).toBe(400);
    expect((await operator.patch(`${ACCOUNTS}/${acme.account}`, {})).status).toBe(400);
    expect((await acme.get('/v1/account')).status).toBe(200);
  });
});

describe('who is an operator', () => {
  const OPERATORS_ROUTES = [
    ['GET', ACCOUNTS, undefined],
    ['POST', ACCOUNTS, newAccount('Intruder')],
    ['PATCH', `${ACCOUNTS}/acc_01jz8k3m5nq7r9t1v3w5x7y9z2`, { status: 'suspended' }],
  ] as const;

  it('an operator who signed in at the operators’ own page', async () => {
    const { email, password } = host.endpoints.operator;
    const door = operatorsDoor(host.endpoints);
    const tokens = await signIn(host.endpoints, door, email, password, 'openid custodia/operator');
    const person = program(host.endpoints, tokens.access_token);
    expect(made(await person.get(ACCOUNTS), 200).items.length).toBeGreaterThan(0);
    const opened = made(await person.post(ACCOUNTS, newAccount('By-hand')));
    expect(made(await person.patch(`${ACCOUNTS}/${opened.id}`, { status: 'suspended' }), 200).status).toBe('suspended');
    expect((await person.get('/v1/account')).status).toBe(403);
    // An ID token of an operator is no access token either.
    expect((await program(host.endpoints, tokens.id_token ?? '').get(ACCOUNTS)).status).toBe(401);
    // Nor is a sign-in that didn't ask to be an operator.
    const idle = await signIn(host.endpoints, door, email, password, 'openid');
    expect((await program(host.endpoints, idle.access_token).get(ACCOUNTS)).status).toBe(403);
  });

  it('not a customer, at the customers’ page, whose token carries custodia/operator', async () => {
    const { access_token } = await acceptInvitation(host.endpoints, acme.owner.email, EVERYTHING);
    const owner = program(host.endpoints, access_token);
    expect((await owner.get('/v1/account')).status).toBe(200);
    for (const [method, path, body] of OPERATORS_ROUTES) {
      const answer = await request(host.endpoints, method, path, { token: access_token, body });
      expect(answer.status, `${method} ${path}`).toBe(403);
    }
  });

  it('not a program of an account', async () => {
    for (const [method, path, body] of OPERATORS_ROUTES) {
      const answer = await request(host.endpoints, method, path, { token: acme.token, body });
      expect(answer.status, `${method} ${path}`).toBe(403);
    }
    expect((await everyAccount(200)).map(({ id }) => id)).toContain(acme.account);
  });

  it('and an operator is of no account: its routes refuse it, whichever account it names', async () => {
    const ways: Record<string, string>[] = [{}, { 'custodia-account': acme.account }];
    for (const headers of ways) {
      for (const path of ['/v1/account', '/v1/members', '/v1/devices', '/v1/memberships', '/v1/api-clients']) {
        expect((await operator.get(path, { headers })).status, path).toBe(403);
      }
      expect((await operator.post('/v1/products', { name: 'p' }, { headers })).status).toBe(403);
    }
  });
});

describe('an idempotency key', () => {
  it('is free again after a day', async () => {
    const headers = { 'idempotency-key': 'open-daily' };
    const first = made(await operator.post(ACCOUNTS, newAccount('Daily'), { headers }));
    await host.advance(25 * 3600);
    operator = program(host.endpoints, await operatorToken(host.endpoints));
    expect(made(await operator.post(ACCOUNTS, newAccount('Weekly'), { headers })).id).not.toBe(first.id);
    await host.control('clock', { reset: true });
  });
});
