/** Roles: what each may, that a change holds, that an owner stays, and that nobody gives more than they hold. */
import { beforeAll, describe, expect, it } from 'vitest';
import { made, openAccount, type Program, program, request } from '../support/api.ts';
import { invite, join, membersOf, newEmail, type Person, setRole } from '../support/members.ts';
import { readContract } from '../support/openapi.ts';
import { acceptInvitation } from '../support/person.ts';
import { sharedHost } from '../support/shared-host.ts';

const host = sharedHost();
let acme: Program;

beforeAll(async () => {
  acme = await openAccount(host.endpoints);
});

/** From the contract: what a role may beside reading, and what it may not read. */
const HIDDEN_FROM_VIEWERS = ['members', 'api-clients', 'audit-events', 'payment-method', 'transactions'];
const WRITTEN_BY_EDITORS = ['products', 'devices', 'buckets', 'readings', 'connectors', 'exports'];
const HANDLED_BY_ADMINS = [
  ...['members', 'api-clients', 'audit-events', 'imports', 'backup-plan'],
  ...['snapshots', 'reviews', 'policies', 'erasures'],
];
function holds(role: string, scope: string): boolean {
  const [noun = '', verb] = scope.replace('custodia/', '').split('.');
  if (role === 'owner') return true;
  if (role === 'admin' && HANDLED_BY_ADMINS.includes(noun)) return true;
  return verb === 'read' ? !HIDDEN_FROM_VIEWERS.includes(noun) : role !== 'viewer' && WRITTEN_BY_EDITORS.includes(noun);
}

describe('a role', () => {
  it.each(['owner', 'admin', 'editor', 'viewer'])(
    '%s may do on every route what it holds, and no more',
    async (role) => {
      const person = await join(host, acme, role);
      const contract = readContract((await request(host.endpoints, 'GET', '/openapi.json')).body);
      const routes = contract.filter(({ access }) => access?.startsWith('custodia/') && access !== 'custodia/operator');
      expect(routes.length).toBeGreaterThan(20);
      const allowed: Record<string, boolean> = {};
      for (const { method, path, access = '' } of routes) {
        // An id of nobody's and no body: whoever may goes on to a 404 or a 400, and changes nothing.
        const url = path.replace(/\{(\w+)\}/g, 'nobodys');
        const answer = await request(host.endpoints, method, url, { token: person.token });
        expect(answer.status, `${method} ${path}: ${answer.text}`).not.toBe(401);
        expect(answer.status, `${method} ${path}: ${answer.text}`).toBeLessThan(500);
        const name = `${method} ${path} (${access})`;
        allowed[name] = answer.status !== 403;
      }
      const expected = routes.map(({ method, path, access = '' }) => [
        `${method} ${path} (${access})`,
        holds(role, access),
      ]);
      expect(allowed).toEqual(Object.fromEntries(expected));
    },
  );

  it('holds no more than the token asks for', async () => {
    const { email } = await invite(acme, 'owner');
    const { access_token } = await acceptInvitation(host.endpoints, email, 'openid custodia/devices.read');
    const person = program(host.endpoints, access_token);
    expect((await person.get('/v1/devices')).status).toBe(200);
    expect((await person.get('/v1/products')).status).toBe(403);
  });

  it('changes within 60 seconds, up and down, without a new token', async () => {
    const person = await join(host, acme, 'viewer');
    const tries = async () => (await person.post('/v1/products', { name: 'Thermometer' })).status;
    expect(await tries()).toBe(403);
    const changed = await setRole(acme, person.member, 'editor');
    expect(changed.body).toMatchObject({ id: person.member.id, role: 'editor' });
    await host.advance(60);
    expect(await tries()).toBe(201);
    made(await setRole(acme, person.member, 'viewer'), 200);
    await host.advance(60);
    expect(await tries()).toBe(403);
    expect((await membersOf(acme)).find(({ id }) => id === person.member.id)?.role).toBe('viewer');
  });

  it('changes as it was read: If-Match is asked for, and a stale one refused', async () => {
    const { id } = await invite(acme, 'viewer');
    const patch = (headers: Record<string, string>) => acme.patch(`/v1/members/${id}`, { role: 'editor' }, { headers });
    expect((await patch({})).status).toBe(428);
    expect((await patch({ 'if-match': '"7"' })).status).toBe(412);
    const answer = await patch({ 'if-match': '"1"' });
    expect([answer.status, answer.headers.get('etag')]).toEqual([200, '"2"']);
    expect((await patch({ 'if-match': '"1"' })).status).toBe(412);
    expect((await acme.patch(`/v1/members/${id}`, { role: 'king' }, { headers: { 'if-match': '"2"' } })).status).toBe(
      400,
    );
  });

  it('of two changes at the same time, the one that wins is the one that holds', async () => {
    const person = await join(host, acme, 'viewer');
    const headers = { 'if-match': '"1"' };
    const change = (role: string) => acme.patch(`/v1/members/${person.member.id}`, { role }, { headers });
    const answers = await Promise.all([change('editor'), change('admin')]);
    expect(answers.map(({ status }) => status).toSorted()).toEqual([200, 412]);
    const { role } = answers.find(({ status }) => status === 200)?.body ?? {};
    await host.advance(60);
    expect(made(await person.get('/v1/memberships'), 200).items).toMatchObject([{ role }]);
    expect((await membersOf(acme)).find(({ id }) => id === person.member.id)?.role).toBe(role);
  });
});

describe('the last owner', () => {
  const owners = async (account: Program) => (await membersOf(account)).filter(({ role }) => role === 'owner');

  it('stays: neither demoted nor removed, until there is another', async () => {
    const account = await openAccount(host.endpoints, 'Alone');
    const [first] = await owners(account);
    if (!first) throw new Error('no owner');
    for (const refused of [await setRole(account, first, 'admin'), await account.delete(`/v1/members/${first.id}`)]) {
      expect(refused.status, refused.text).toBe(409);
      expect(refused.body).toMatchObject({
        type: 'urn:custodia:problem:conflict',
        detail: expect.stringMatching(/owner/),
      });
    }
    const second = await invite(account, 'owner');
    made(await setRole(account, first, 'admin'), 200);
    expect((await account.delete(`/v1/members/${second.id}`)).status).toBe(409);
    made(await setRole(account, first, 'owner'), 200);
    expect((await account.delete(`/v1/members/${second.id}`)).status).toBe(204);
    expect((await owners(account)).map(({ id }) => id)).toEqual([first.id]);
  });

  it.each([
    ['demoted', (account: Program, id: string) => setRole(account, { id }, 'viewer'), 200],
    ['removed', (account: Program, id: string) => account.delete(`/v1/members/${id}`), 204],
  ])('stays also where both of two are %s at the same time', async (_, change, status) => {
    const account = await openAccount(host.endpoints, 'Two owners');
    for (let round = 0; round < 3; round += 1) {
      await invite(account, 'owner');
      const two = await owners(account);
      expect(two).toHaveLength(2);
      const answers = await Promise.all(two.map(({ id }) => change(account, id)));
      expect(answers.map((answer) => answer.status).toSorted()).toEqual([status, 409]);
      expect(await owners(account)).toHaveLength(1);
    }
  });

  it('is an owner in deed: two who demote each other leave one who still may', async () => {
    const account = await openAccount(host.endpoints, 'Rivals');
    const [ada, bob] = [await join(host, account, 'owner'), await join(host, account, 'owner')];
    expect((await account.delete(`/v1/members/${account.owner.memberId}`)).status).toBe(204);
    const answers = await Promise.all([setRole(ada, bob.member, 'viewer'), setRole(bob, ada.member, 'viewer')]);
    // Whoever came second was the last owner, or none any more.
    const [won, lost] = answers.map(({ status }) => status).toSorted();
    expect(won).toBe(200);
    expect([403, 409]).toContain(lost);
    await host.advance(60);
    const may = async (person: Person) => (await person.get('/v1/members')).status;
    expect([await may(ada), await may(bob)].toSorted()).toEqual([200, 403]);
  });
});

describe('nobody gives more than they hold', () => {
  it('an admin', async () => {
    const account = await openAccount(host.endpoints, 'Careful');
    const admin = await join(host, account, 'admin');
    const by = (role: string) => admin.post('/v1/members', { email: newEmail(), name: 'Pat', role });
    expect((await by('owner')).status).toBe(403);
    const made201 = await Promise.all(['admin', 'editor', 'viewer'].map(by));
    expect(made201.map(({ status }) => status)).toEqual([201, 201, 201]);
    const [peer] = made201;

    const owner = { id: account.owner.memberId };
    await invite(account, 'owner');
    expect((await setRole(admin, owner, 'viewer')).status).toBe(403);
    expect((await admin.delete(`/v1/members/${owner.id}`)).status).toBe(403);
    expect((await setRole(admin, admin.member, 'owner')).status).toBe(403);
    expect((await setRole(admin, peer?.body, 'owner')).status).toBe(403);
    expect((await setRole(admin, peer?.body, 'editor')).status).toBe(200);
    expect((await membersOf(account)).filter(({ role }) => role === 'owner')).toHaveLength(2);

    const client = (scope: string) => admin.post('/v1/api-clients', { name: 'Tool', scopes: [scope] });
    expect((await client('custodia/account.write')).status).toBe(403);
    expect((await client('custodia/devices.write')).status).toBe(201);
    expect((await admin.post(`/v1/api-clients/${account.client.id}/rotate`)).status).toBe(403);
  });

  it('a token that asks for little, of an owner who holds all', async () => {
    const owner = await invite(acme, 'owner');
    const scope = 'openid custodia/members.write custodia/members.read';
    const { access_token } = await acceptInvitation(host.endpoints, owner.email, scope);
    const narrow = program(host.endpoints, access_token);
    const { status } = await narrow.post('/v1/members', { email: newEmail(), name: 'Pat', role: 'viewer' });
    expect(status).toBe(403);
    expect((await narrow.delete(`/v1/members/${acme.owner.memberId}`)).status).toBe(403);
  });
});
