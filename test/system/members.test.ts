/** Members: people who sign in at the real login page, of one account or of several. */
import * as oidc from 'openid-client';
import { beforeAll, describe, expect, it } from 'vitest';
import { made, openAccount, type Program, program } from '../support/api.ts';
import { newBrowser } from '../support/browser.ts';
import { everyScope, invite, join, membersOf, newEmail, setRole, signsIn } from '../support/members.ts';
import { acceptInvitation, application, customersDoor, invitedPassword, PASSWORD } from '../support/person.ts';
import { sharedHost } from '../support/shared-host.ts';

const host = sharedHost();
let acme: Program;
let globex: Program;

beforeAll(async () => {
  acme = await openAccount(host.endpoints);
  globex = await openAccount(host.endpoints, 'Globex');
});

describe('an invited owner', () => {
  it('chooses a password at the login page, and gets tokens that the API takes', async () => {
    const { owner, account } = acme;
    const temporary = await invitedPassword(host.endpoints, owner.email);
    const { access_token, refresh_token, id_token } = await acceptInvitation(
      host.endpoints,
      owner.email,
      everyScope(acme),
    );
    const person = program(host.endpoints, access_token);
    expect(made(await person.get('/v1/memberships'), 200)).toEqual({
      items: [{ account, member: owner.memberId, role: 'owner' }],
    });
    expect(made(await person.get('/v1/account'), 200)).toMatchObject({ id: account });
    expect((await program(host.endpoints, id_token ?? '').get('/v1/account')).status).toBe(401);

    const config = application(host.endpoints, customersDoor(host.endpoints));
    const refreshed = await oidc.refreshTokenGrant(config, refresh_token ?? '');
    expect((await program(host.endpoints, refreshed.access_token).get('/v1/account')).status).toBe(200);
    await oidc.tokenRevocation(config, refresh_token ?? '');
    await expect(oidc.refreshTokenGrant(config, refresh_token ?? '')).rejects.toMatchObject({ error: 'invalid_grant' });

    expect(await signsIn(host, owner.email, PASSWORD)).toBe(true);
    expect(await signsIn(host, owner.email, temporary)).toBe(false);
    expect(await signsIn(host, owner.email, `${PASSWORD}x`)).toBe(false);
  });

  it('is not let in with the temporary password alone, nor with a weak one instead', async () => {
    const { email } = await invite(acme, 'viewer');
    const password = await invitedPassword(host.endpoints, email);
    const door = customersDoor(host.endpoints);
    const url = oidc.buildAuthorizationUrl(application(host.endpoints, door), {
      redirect_uri: door.redirectUri,
      scope: 'openid',
      code_challenge: await oidc.calculatePKCECodeChallenge(oidc.randomPKCECodeVerifier()),
      code_challenge_method: 'S256',
    });
    const browser = newBrowser();
    const second = await browser.submit(await browser.open(url.href), { username: email, password });
    expect(second).toMatchObject({ status: 200, location: undefined });
    for (const weak of ['short', 'alllowercase-7', 'NoDigitsAtAll-']) {
      const stayed = await browser.submit(second, { password: weak, again: weak });
      expect(stayed, weak).toMatchObject({ status: 400, location: undefined });
    }
    expect((await browser.submit(second, { password: PASSWORD, again: PASSWORD })).location).toMatch(/[?&]code=/);
  });
});

describe('a removed member', () => {
  it('is refused within 60 seconds, can’t sign in any more, and may be invited anew', async () => {
    const person = await join(host, acme, 'editor');
    expect((await person.get('/v1/devices')).status).toBe(200);
    expect((await acme.delete(`/v1/members/${person.member.id}`)).status).toBe(204);
    await host.advance(60);
    for (const path of ['/v1/devices', '/v1/memberships']) {
      const refused = await person.get(path);
      expect(refused.status).toBe(401);
      expect(refused.headers.get('www-authenticate')).toMatch(/invalid_token/);
    }
    expect(await signsIn(host, person.member.email, PASSWORD)).toBe(false);
    expect((await acme.delete(`/v1/members/${person.member.id}`)).status).toBe(404);

    const again = await invite(acme, 'viewer', person.member.email);
    expect(again.id).not.toBe(person.member.id);
    const { access_token } = await acceptInvitation(host.endpoints, again.email, everyScope(acme));
    expect((await program(host.endpoints, access_token).get('/v1/devices')).status).toBe(200);
    expect((await person.get('/v1/devices')).status).toBe(401);
  });

  it('of another account is a 404, like one that never was', async () => {
    const { id } = await invite(acme, 'viewer');
    for (const other of [id, 'mbr_01jz8k3m5nq7r9t1v3w5x7y9z2']) {
      expect((await globex.delete(`/v1/members/${other}`)).status).toBe(404);
      expect((await setRole(globex, { id: other }, 'editor')).status).toBe(404);
    }
    expect((await membersOf(acme)).map((member) => member.id)).toContain(id);
    expect((await membersOf(globex)).map((member) => member.id)).not.toContain(id);
  });
});

describe('a person of two accounts', () => {
  it('names one of them, has its role there, and leaves one without the other', async () => {
    const person = await join(host, acme, 'viewer');
    const inGlobex = await invite(globex, 'admin', person.member.email);
    await host.advance(60);
    const from = (account: string) => ({ headers: { 'custodia-account': account } });
    const memberships = [
      { account: acme.account, member: person.member.id, role: 'viewer' },
      { account: globex.account, member: inGlobex.id, role: 'admin' },
    ];
    expect(made(await person.get('/v1/memberships'), 200).items).toEqual(memberships);

    const unnamed = await person.get('/v1/account');
    expect(unnamed.status).toBe(403);
    expect(unnamed.body.detail).toMatch(/Custodia-Account/);
    expect(made(await person.get('/v1/account', from(acme.account)), 200).id).toBe(acme.account);
    expect(made(await person.get('/v1/account', from(globex.account)), 200).id).toBe(globex.account);
    expect((await person.get('/v1/members', from(acme.account))).status).toBe(403);
    expect((await person.get('/v1/members', from(globex.account))).status).toBe(200);

    const foreign = await openAccount(host.endpoints, 'Foreign');
    for (const account of [foreign.account, 'acc_01jz8k3m5nq7r9t1v3w5x7y9z2', 'nonsense', '']) {
      expect((await person.get('/v1/account', from(account))).status, account).toBe(403);
    }

    expect((await globex.delete(`/v1/members/${inGlobex.id}`)).status).toBe(204);
    await host.advance(60);
    expect((await person.get('/v1/account', from(globex.account))).status).toBe(403);
    expect(made(await person.get('/v1/account'), 200).id).toBe(acme.account);
    expect(await signsIn(host, person.member.email, PASSWORD)).toBe(true);
  });

  it('is foreign to every other, also with one account alone, and so is a program', async () => {
    const person = await join(host, acme, 'owner');
    const headers = { 'custodia-account': globex.account };
    expect((await person.get('/v1/account', { headers })).status).toBe(403);
    expect((await acme.get('/v1/account', { headers })).status).toBe(403);
    expect((await acme.get('/v1/account', { headers: { 'custodia-account': acme.account } })).status).toBe(200);
  });

  it('is invited with the same answer as a person whom the instance doesn’t know', async () => {
    const known = await invite(acme, 'viewer');
    const answer = (email: string) => globex.post('/v1/members', { email, name: 'Pat Person', role: 'viewer' });
    const [toKnown, toUnknown] = [await answer(known.email), await answer(newEmail())];
    expect([toKnown.status, toUnknown.status]).toEqual([201, 201]);
    expect(Object.keys(toKnown.body)).toEqual(Object.keys(toUnknown.body));
    const varying = new Set(['date', 'content-length', 'location', 'apigw-requestid']);
    const fixed = ({ headers }: { headers: Headers }) => [...headers].filter(([name]) => !varying.has(name));
    expect(fixed(toKnown)).toEqual(fixed(toUnknown));
    // Who is in the account already, its own people may know.
    expect((await answer(known.email)).status).toBe(409);
    expect((await answer(known.email.toUpperCase())).status).toBe(409);
  });
});

describe('an invitation that failed half way', () => {
  it('is finished by the next try', async () => {
    const email = newEmail();
    // Written, but the answer is lost: the person is let in, and in no list.
    const lost = {
      service: 'dynamodb',
      action: 'TransactWriteItems',
      code: 'Lost',
      status: 400,
      times: 1,
      when: 'after',
    };
    await host.control('fail', lost);
    const failed = await acme.post('/v1/members', { email, name: 'Pat', role: 'viewer' });
    expect(failed.status).toBeGreaterThanOrEqual(500);
    const member = await invite(acme, 'viewer', email);
    expect((await membersOf(acme)).map(({ id }) => id)).toContain(member.id);
    expect((await acme.post('/v1/members', { email, name: 'Pat', role: 'viewer' })).status).toBe(409);
    const { access_token } = await acceptInvitation(host.endpoints, email, everyScope(acme));
    const person = program(host.endpoints, access_token);
    expect(made(await person.get('/v1/memberships'), 200).items).toMatchObject([{ member: member.id, role: 'viewer' }]);
    expect((await acme.delete(`/v1/members/${member.id}`)).status).toBe(204);
  });
});
