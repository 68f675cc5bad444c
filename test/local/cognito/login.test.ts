/** The login page as a person, a thief and another site meet it. */
import {
  AdminCreateUserCommand,
  AdminDisableUserCommand,
  AdminEnableUserCommand,
  AdminGetUserCommand,
} from '@aws-sdk/client-cognito-identity-provider';
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { newBrowser, type Shown } from '../../support/browser.ts';
import { CALLBACK, type Host, PASSWORD, SIGNED_OUT, startHost } from './harness.ts';
import { authorizeUrl, codeOf, EMAIL, signIn } from './sign-in.ts';
import { type Deployed, deploy } from './template.ts';

let host: Host;
let app: Deployed;
beforeAll(async () => {
  host = await startHost();
  app = await deploy(host);
  await host.cognito.ensureUser(app.poolId, EMAIL, PASSWORD);
});
/** Forgets lockouts and sessions: one host serves all tests, since making its keys takes time. */
afterEach(() => host.advance(61 * 60_000));
afterAll(() => host.stop());

const alertOf = (shown: Shown) => /role="alert"[^>]*>([^<]*)</.exec(shown.text)?.[1];
/** The page without what differs by transaction. */
const faceOf = (shown: Shown) =>
  shown.text.replace(/name="transaction" value="\w+"/, '').replace(/value="[^"]*@[^"]*"/, '');

test('the page is whole without a script and safe from being framed', async () => {
  const page = await newBrowser().open(authorizeUrl(host, app, { login_hint: 'a"><b>@x' }));
  expect(page.status).toBe(200);
  expect(page.text).not.toMatch(/<script|<b>| on\w+=| style=/);
  for (const id of ['username', 'password']) {
    expect(page.text).toContain(`<label for="${id}">`);
    expect(page.text).toContain(`id="${id}"`);
  }
  const policy = page.headers.get('content-security-policy') ?? '';
  expect(policy).toContain(`default-src 'none'`);
  expect(policy).toContain(`frame-ancestors 'none'`);
  expect(policy).toContain(`form-action 'self' ${new URL(CALLBACK).origin}`);
  expect(page.headers.get('x-frame-options')).toBe('DENY');
  expect(page.headers.get('cache-control')).toBe('no-store');
});

test('cookies are HttpOnly, lax, of the pool’s path; the session’s lasts an hour', async () => {
  const browser = newBrowser();
  const asked = await browser.send(authorizeUrl(host, app));
  expect(asked.headers.getSetCookie()).toEqual([
    expect.stringMatching(`^cognito-browser=\\w{44}; Path=/${app.poolId}; HttpOnly; SameSite=Lax$`),
  ]);
  const back = await browser.submit(await browser.send(asked.location ?? ''), { username: EMAIL, password: PASSWORD });
  expect(back.status).toBe(303);
  expect(back.headers.getSetCookie()).toEqual([
    expect.stringMatching(`^cognito=\\w{44}; Path=/${app.poolId}; HttpOnly; SameSite=Lax; Max-Age=3600$`),
  ]);
});

test('a wrong password and an unknown person look the same', async () => {
  const wrong = await signIn(host, app, { password: 'wrong' });
  const unknown = await signIn(host, app, { username: 'nobody@example.org' });
  expect([wrong.status, alertOf(wrong)]).toEqual([400, 'Incorrect user name or password.']);
  expect(faceOf(unknown)).toBe(faceOf(wrong));
  expect(unknown.text).toContain('value="nobody@example.org"');
  expect(unknown.text).not.toContain(PASSWORD);
});

test('capitals do not matter where the pool says so, and the next try on the same page may be right', async () => {
  const browser = newBrowser();
  const wrong = await signIn(host, app, { browser, password: 'wrong' });
  const right = await browser.submit(wrong, { username: ' ADA@Example.org ', password: PASSWORD });
  expect(codeOf(right)).not.toBe('');
});

describe('lockout', () => {
  test.each([EMAIL, 'nobody@example.org'])(
    'after five failures %s is locked, and twice as long each time',
    async (username) => {
      const guess = () => signIn(host, app, { username, password: 'wrong' });
      for (let n = 0; n < 5; n += 1) expect((await guess()).status).toBe(400);
      expect([(await guess()).status, alertOf(await guess())]).toEqual([
        429,
        'Too many attempts. Wait a moment, then try again.',
      ]);
      expect((await signIn(host, app, { username })).status).toBe(429);
      host.advance(1001);
      expect((await guess()).status).toBe(400);
      host.advance(1001);
      expect((await guess()).status).toBe(429);
      host.advance(1001);
      expect((await guess()).status).toBe(400);
    },
  );
  test('ends with the right password, and all failures with it', async () => {
    for (let n = 0; n < 5; n += 1) await signIn(host, app, { password: 'wrong' });
    host.advance(1001);
    expect(codeOf(await signIn(host, app))).not.toBe('');
    for (let n = 0; n < 4; n += 1) await signIn(host, app, { password: 'wrong' });
    expect(codeOf(await signIn(host, app))).not.toBe('');
  });
  test('holds against guesses sent at once', async () => {
    const guesses = await Promise.all(Array.from({ length: 12 }, () => signIn(host, app, { password: 'wrong' })));
    expect(guesses.filter(({ status }) => status === 400)).toHaveLength(5);
    expect(guesses.filter(({ status }) => status === 429)).toHaveLength(7);
  });
});

describe('a first sign-in', () => {
  let GUEST = '';
  const invite = async () => {
    GUEST = `guest${host.mails.length}@example.org`;
    const input = { UserPoolId: app.poolId, Username: GUEST, DesiredDeliveryMediums: ['EMAIL' as const] };
    await host.api.send(new AdminCreateUserCommand(input));
    return / with (\S+) please/.exec(host.mails.at(-1)?.text ?? '')?.[1] ?? '';
  };
  test('goes from the invitation to a password of one’s own', async () => {
    const password = await invite();
    const browser = newBrowser();
    const choose = await signIn(host, app, { browser, username: GUEST, password });
    expect(choose.text).toContain(
      'A password has at least 12 characters, an uppercase letter, a lowercase letter, and a number.',
    );
    const bad = await browser.submit(choose, { password: 'short', again: 'short' });
    expect(alertOf(bad)).toContain('Password not long enough');
    expect(alertOf(await browser.submit(bad, { password: PASSWORD, again: 'other' }))).toBe(
      'The two passwords differ.',
    );
    const done = await browser.submit(bad, { password: PASSWORD, again: PASSWORD });
    expect(codeOf(done)).not.toBe('');
    const user = await host.api.send(new AdminGetUserCommand({ UserPoolId: app.poolId, Username: GUEST }));
    expect(user.UserStatus).toBe('CONFIRMED');
    expect((await signIn(host, app, { username: GUEST, password })).status).toBe(400);
    expect(codeOf(await signIn(host, app, { username: GUEST }))).not.toBe('');
  });
  test('gives no code before the password is chosen', async () => {
    const password = await invite();
    const browser = newBrowser();
    const choose = await signIn(host, app, { browser, username: GUEST, password });
    expect(choose.location).toBeUndefined();
    expect(browser.cookies.has('cognito')).toBe(false);
    expect((await browser.open(choose.url)).text).toContain('Choose a password');
    host.advance(3 * 60_000);
    expect((await browser.submit(choose, { password: PASSWORD, again: PASSWORD })).text).toContain('expired');
  });
  test('comes too late after the pool’s three days', async () => {
    const password = await invite();
    host.advance(3 * 86_400_000);
    expect(alertOf(await signIn(host, app, { username: GUEST, password }))).toContain('has expired');
    expect(alertOf(await signIn(host, app, { username: GUEST, password: 'wrong' }))).toBe(
      'Incorrect user name or password.',
    );
  });
});

describe('a form that another browser or site sends', () => {
  test('finds no sign-in without the cookie of the browser that began it', async () => {
    const page = await newBrowser().open(authorizeUrl(host, app));
    const elsewhere = await newBrowser().submit(page, { username: EMAIL, password: PASSWORD });
    expect([elsewhere.status, elsewhere.location]).toEqual([400, undefined]);
    const other = newBrowser();
    await other.open(authorizeUrl(host, app));
    expect((await other.submit(page, { username: EMAIL, password: PASSWORD })).status).toBe(400);
  });
  test('serves once', async () => {
    const browser = newBrowser();
    const page = await browser.open(authorizeUrl(host, app));
    expect(codeOf(await browser.submit(page, { username: EMAIL, password: PASSWORD }))).not.toBe('');
    const again = await browser.submit(page, { username: EMAIL, password: PASSWORD });
    expect([again.status, again.location]).toEqual([400, undefined]);
  });
  test('serves once, even when sent twice at the same time', async () => {
    const browser = newBrowser();
    const page = await browser.open(authorizeUrl(host, app));
    const send = () => browser.submit(page, { username: EMAIL, password: PASSWORD });
    const both = await Promise.all([send(), send()]);
    expect(both.map(({ status }) => status).sort()).toEqual([303, 400]);
  });
  test('is refused as JSON or plain text', async () => {
    const answer = await fetch(`${host.origin}/${app.poolId}/login`, { method: 'POST', body: 'username=x' });
    expect(answer.status).toBe(400);
  });
});

test('a session of someone who was disabled is over for good', async () => {
  const browser = newBrowser();
  await signIn(host, app, { browser });
  const user = { UserPoolId: app.poolId, Username: EMAIL };
  await host.api.send(new AdminDisableUserCommand(user));
  expect((await browser.open(authorizeUrl(host, app))).text).toContain('name="password"');
  await host.api.send(new AdminEnableUserCommand(user));
  expect((await browser.open(authorizeUrl(host, app))).text).toContain('name="password"');
});

describe('signing out', () => {
  const logout = (parameters: Record<string, string>) =>
    `${host.cognito.describePool(app.poolId).logoutUrl}?${new URLSearchParams({ client_id: app.publicClient, ...parameters })}`;
  test('ends the session and goes to the registered address only', async () => {
    const browser = newBrowser();
    await signIn(host, app, { browser });
    const session = new Map(browser.cookies);
    const refused = await browser.send(logout({ logout_uri: 'https://evil.example/' }));
    expect([refused.status, refused.location]).toEqual([400, undefined]);
    expect(codeOf(await browser.open(authorizeUrl(host, app)))).not.toBe('');
    const out = await browser.send(logout({ logout_uri: SIGNED_OUT }));
    expect([out.status, out.location]).toEqual([302, SIGNED_OUT]);
    for (const [name, value] of session) browser.cookies.set(name, value);
    expect((await browser.open(authorizeUrl(host, app))).text).toContain('name="password"');
  });
  test('may lead to a new sign-in', async () => {
    const browser = newBrowser();
    await signIn(host, app, { browser });
    const page = await browser.open(logout({ redirect_uri: CALLBACK, response_type: 'code', scope: 'openid' }));
    expect(page.text).toContain('name="password"');
  });
  test('wants a known client and an address', async () => {
    expect((await newBrowser().send(logout({}))).status).toBe(400);
    expect((await newBrowser().send(logout({ client_id: 'nobody', logout_uri: SIGNED_OUT }))).status).toBe(400);
  });
});
