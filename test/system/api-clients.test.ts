/** API clients: programs of an account. What one may do, that its secret is shown once, and that it ends when it is deleted. */
import { beforeAll, describe, expect, it } from 'vitest';
import { clientToken, eventually, made, openAccount, type Program, program, request } from '../support/api.ts';
import { sharedHost } from '../support/shared-host.ts';

const host = sharedHost();
let acme: Program;
let other: Program;

beforeAll(async () => {
  acme = await openAccount(host.endpoints);
  other = await openAccount(host.endpoints, 'Other');
});

interface Client {
  readonly id: string;
  readonly clientId: string;
  readonly clientSecret: string;
  readonly scopes: readonly string[];
}

const create = async (name: string, ...scopes: string[]): Promise<Client> =>
  made(await acme.post('/v1/api-clients', { name, scopes: scopes.map((scope) => `custodia/${scope}`) }));

const programOf = async (client: Client) => program(host.endpoints, await clientToken(host.endpoints, client));

/** Whether the token endpoint still takes this secret. */
const works = (client: { clientId: string; clientSecret: string }) =>
  clientToken(host.endpoints, client).then(
    () => true,
    () => false,
  );

describe('an API client', () => {
  it('is created with scopes of its own, and may do that much', async () => {
    const client = await create('Dashboard', 'devices.read', 'products.write');
    expect(client).toEqual({
      id: expect.stringMatching(/^cli_/),
      clientId: expect.any(String),
      clientSecret: expect.any(String),
      scopes: ['custodia/devices.read', 'custodia/products.write'],
    });
    const dashboard = await programOf(client);
    expect((await dashboard.get('/v1/devices')).status).toBe(200);
    expect((await dashboard.post('/v1/products', { name: 'Made by the dashboard' })).status).toBe(201);
    expect((await dashboard.get('/v1/products')).status).toBe(403);
    expect((await dashboard.post('/v1/devices', { name: 'd', product: 'prd_x' })).status).toBe(403);
    expect((await dashboard.get('/v1/account')).status).toBe(403);
  });

  it('is listed without its secret, page by page, and for its own account alone', async () => {
    const client = await create('Listed', 'devices.read');
    const seen: Client[] = [];
    let cursor = '';
    do {
      const page = await acme.get(`/v1/api-clients?limit=1${cursor}`);
      expect(page.text).not.toContain(client.clientSecret);
      seen.push(...made(page, 200).items);
      cursor = page.body.next ? `&cursor=${encodeURIComponent(page.body.next)}` : '';
    } while (cursor);
    expect(seen.map(({ id }) => id)).toEqual(seen.map(({ id }) => id).toSorted());
    expect(seen.find(({ id }) => id === client.id)).toEqual({
      id: client.id,
      name: 'Listed',
      clientId: client.clientId,
      scopes: ['custodia/devices.read'],
      createdAt: expect.any(String),
      updatedAt: expect.any(String),
    });
    expect((await other.get('/v1/api-clients')).text).not.toContain(client.clientId);
  });

  it('is made once for one idempotency key, and its replay has no secret', async () => {
    const headers = { 'idempotency-key': 'client-1' };
    const body = { name: 'Once', scopes: ['custodia/devices.read'] };
    const first = await acme.post('/v1/api-clients', body, { headers });
    const again = await acme.post('/v1/api-clients', body, { headers });
    const { clientSecret, ...rest } = made(first);
    expect(again.status).toBe(201);
    expect(again.body).toEqual(rest);
    expect(again.text).not.toContain(clientSecret);
    const list = made(await acme.get('/v1/api-clients?limit=200'), 200).items;
    expect(list.filter(({ name }: { name: string }) => name === 'Once')).toHaveLength(1);
  });

  it.each([
    ['a scope that is none', { name: 'x', scopes: ['custodia/devices.fly'] }],
    ['the operator’s scope', { name: 'x', scopes: ['custodia/operator'] }],
    ['no scope', { name: 'x', scopes: [] }],
    ['a scope twice', { name: 'x', scopes: ['custodia/devices.read', 'devices.read'] }],
    ['a field that is none', { name: 'x', scopes: ['custodia/devices.read'], account: 'acc_x' }],
  ])('is not created with %s', async (_, body) => {
    const answer = await acme.post('/v1/api-clients', body);
    expect(answer.status, answer.text).toBe(400);
    expect(answer.body.errors).toHaveLength(1);
  });

  it('gives no other client more than it holds itself', async () => {
    const keeper = await programOf(await create('Keeper', 'api-clients.read', 'api-clients.write', 'devices.read'));
    const like = (scopes: string[]) => keeper.post('/v1/api-clients', { name: 'Child', scopes });
    expect((await like(['custodia/devices.read'])).status).toBe(201);
    expect((await like(['custodia/devices.read', 'custodia/devices.write'])).status).toBe(403);
    // Nor in a round-about way: a secret of a client that may do more.
    expect((await keeper.post(`/v1/api-clients/${acme.client.id}/rotate`)).status).toBe(403);
    // A token that asks for less than its client holds gives less, too.
    const narrow = await clientToken(host.endpoints, acme.client, 'custodia/api-clients.write custodia/devices.read');
    const asked = { name: 'Child', scopes: ['custodia/devices.write'] };
    expect((await request(host.endpoints, 'POST', '/v1/api-clients', { token: narrow, body: asked })).status).toBe(403);
  });

  it('of another account is a 404, like one that never was', async () => {
    const client = await create('Mine', 'devices.read');
    for (const id of [client.id, 'cli_01jz8k3m5nq7r9t1v3w5x7y9z2']) {
      const removed = await other.delete(`/v1/api-clients/${id}`);
      const rotated = await other.post(`/v1/api-clients/${id}/rotate`);
      expect([removed.status, rotated.status]).toEqual([404, 404]);
    }
    expect(await works(client)).toBe(true);
  });

  it('is refused within 60 seconds once deleted, and gets no further token', async () => {
    const client = await create('Short-lived', 'devices.read');
    const dashboard = await programOf(client);
    expect((await dashboard.get('/v1/devices')).status).toBe(200);
    expect((await acme.delete(`/v1/api-clients/${client.id}`)).status).toBe(204);
    expect(await works(client)).toBe(false);
    await host.advance(60);
    const refused = await dashboard.get('/v1/devices');
    expect(refused.status).toBe(401);
    expect(refused.headers.get('www-authenticate')).toMatch(/^Bearer .*invalid_token/);
    expect((await acme.delete(`/v1/api-clients/${client.id}`)).status).toBe(404);
  });

  it('is deleted by a second try where the first got stuck half way', async () => {
    const client = await create('Sticky', 'devices.read');
    await host.control('fail', {
      service: 'dynamodb',
      action: 'TransactWriteItems',
      code: 'InternalServerError',
      status: 400,
      times: 1,
    });
    expect((await acme.delete(`/v1/api-clients/${client.id}`)).status).toBeGreaterThanOrEqual(500);
    await host.control('heal');
    expect((await acme.delete(`/v1/api-clients/${client.id}`)).status).toBe(204);
    expect(await works(client)).toBe(false);
  });
});

describe('rotation', () => {
  it('answers a new secret of the same client, and ends the old one after 15 minutes', async () => {
    const client = await create('Rotated', 'devices.read');
    const headers = { 'idempotency-key': 'rotate-1' };
    const rotated = made(await acme.post(`/v1/api-clients/${client.id}/rotate`, undefined, { headers }), 200);
    expect(rotated).toEqual({ ...client, clientSecret: expect.any(String), previousSecretEndsAt: expect.any(String) });
    expect(rotated.clientSecret).not.toBe(client.clientSecret);
    const left = Date.parse(rotated.previousSecretEndsAt) - (await host.advance(0));
    expect(Math.abs(left - 15 * 60_000)).toBeLessThan(10_000);

    const replay = await acme.post(`/v1/api-clients/${client.id}/rotate`, undefined, { headers });
    expect(replay.status).toBe(200);
    expect(replay.body).not.toHaveProperty('clientSecret');
    expect(replay.body.previousSecretEndsAt).toBe(rotated.previousSecretEndsAt);

    expect([await works(client), await works(rotated)]).toEqual([true, true]);
    await host.advance(14 * 60);
    expect(await works(client)).toBe(true);
    const early = await acme.post(`/v1/api-clients/${client.id}/rotate`);
    expect(early.status).toBe(409);
    expect(early.body).toMatchObject({
      type: 'urn:custodia:problem:conflict',
      detail: expect.stringMatching(/secret/),
    });

    await host.advance(61);
    expect(
      await eventually(
        () => works(client),
        (still) => !still,
      ),
    ).toBe(false);
    expect(await works(rotated)).toBe(true);
    const next = made(await acme.post(`/v1/api-clients/${client.id}/rotate`), 200);
    expect([await works(rotated), await works(next)]).toEqual([true, true]);
  });

  it('ends the old secret also when the end could not be announced at first', async () => {
    const client = await create('Unlucky', 'devices.read');
    await host.control('fail', { service: 'sqs', action: 'SendMessage', code: 'InternalError', status: 500 });
    const failed = await acme.post(`/v1/api-clients/${client.id}/rotate`);
    expect(failed.status).toBeGreaterThanOrEqual(500);
    await host.control('heal');
    expect((await acme.post(`/v1/api-clients/${client.id}/rotate`)).status).toBe(409);
    expect(await works(client)).toBe(true);
    await host.advance(15 * 60 + 1);
    expect(
      await eventually(
        () => works(client),
        (still) => !still,
      ),
    ).toBe(false);
    const rotated = made(await acme.post(`/v1/api-clients/${client.id}/rotate`), 200);
    expect(await works(rotated)).toBe(true);
  });

  it('gives one of two at the same time a secret', async () => {
    const client = await create('Twice', 'devices.read');
    const both = await Promise.all([1, 2].map(() => acme.post(`/v1/api-clients/${client.id}/rotate`)));
    expect(both.map(({ status }) => status).toSorted()).toEqual([200, 409]);
  });
});
