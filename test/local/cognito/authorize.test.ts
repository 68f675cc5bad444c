/** What the authorization endpoint refuses, and how: a page until the return address is trusted, a redirect after. */
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { newBrowser, pkce } from '../../support/browser.ts';
import { CALLBACK, type Host, PASSWORD, startHost } from './harness.ts';
import { authorizeUrl, codeOf, EMAIL, signIn } from './sign-in.ts';
import { type Deployed, deploy, publicClientProperties, scope } from './template.ts';

let host: Host;
let app: Deployed;
beforeAll(async () => {
  host = await startHost();
  app = await deploy(host);
  await host.cognito.ensureUser(app.poolId, EMAIL, PASSWORD);
});
afterAll(() => host.stop());

const ask = (parameters: Record<string, string>) => newBrowser().send(authorizeUrl(host, app, parameters));
const askWithout = (name: string) => {
  const url = new URL(authorizeUrl(host, app));
  url.searchParams.delete(name);
  return newBrowser().send(url.href);
};

describe('an error page, and no redirect', () => {
  test.each([
    ['an unknown client', { client_id: 'nobody' }],
    ['another address', { redirect_uri: 'http://localhost:3999/other' }],
    ['a slash more', { redirect_uri: `${CALLBACK}/` }],
    ['another port of the loopback', { redirect_uri: 'http://localhost:4000/callback' }],
    ['another name of the loopback', { redirect_uri: 'http://127.0.0.1:3999/callback' }],
  ])('%s', async (_, parameters) => {
    const shown = await ask(parameters);
    expect(shown).toMatchObject({ status: 400, location: undefined });
    expect(shown.headers.get('content-type')).toContain('text/html');
  });
  test('no client, no address, two addresses', async () => {
    expect((await askWithout('client_id')).status).toBe(400);
    expect((await askWithout('redirect_uri')).status).toBe(400);
    const twice = await newBrowser().send(
      `${authorizeUrl(host, app)}&redirect_uri=${encodeURIComponent('http://localhost:1/')}`,
    );
    expect(twice).toMatchObject({ status: 400, location: undefined });
  });
  test('a client of another pool', async () => {
    const { ref: other } = await host.provision('Other', 'AWS::Cognito::UserPool', {
      AdminCreateUserConfig: { AllowAdminCreateUserOnly: true },
    });
    await host.provision('OtherDomain', 'AWS::Cognito::UserPoolDomain', { UserPoolId: other, Domain: 'other' });
    const shown = await newBrowser().send(authorizeUrl(host, app).replace(app.poolId, other));
    expect(shown).toMatchObject({ status: 400, location: undefined });
  });
});

describe('back to the application with an error and the state', () => {
  const { challenge } = pkce();
  test.each([
    ['an unknown scope', { scope: 'openid shop/everything' }, 'invalid_request', 'invalid_scope'],
    ['a scope that the client lacks', { scope: 'openid phone' }, 'invalid_request', 'invalid_scope'],
    ['the implicit flow', { response_type: 'token' }, 'unauthorized_client', null],
    ['another response type', { response_type: 'id_token' }, 'invalid_request', 'response_type is not valid'],
    [
      'a plain challenge',
      { code_challenge: challenge, code_challenge_method: 'plain' },
      'invalid_request',
      'code_challenge_method must be S256',
    ],
    [
      'a challenge without method',
      { code_challenge: challenge },
      'invalid_request',
      'code_challenge_method must be S256',
    ],
    [
      'a short challenge',
      { code_challenge: 'abc', code_challenge_method: 'S256' },
      'invalid_request',
      'code_challenge is not valid',
    ],
    ['nobody signed in, but prompt=none', { prompt: 'none' }, 'login_required', null],
  ])('%s', async (_, parameters, error, description) => {
    const shown = await ask(parameters);
    const back = new URL(shown.location ?? '');
    expect(shown.status).toBe(302);
    expect(back.origin + back.pathname).toBe(CALLBACK);
    expect(back.searchParams.get('error')).toBe(error);
    expect(back.searchParams.get('error_description')).toBe(description);
    expect(back.searchParams.get('state')).toBe('the-state');
  });
  test('a client without the code flow', async () => {
    const { ref } = await host.provision('Closed', 'AWS::Cognito::UserPoolClient', {
      ...publicClientProperties(app.poolId),
      AllowedOAuthFlowsUserPoolClient: false,
    });
    const shown = await ask({ client_id: ref });
    expect(new URL(shown.location ?? '').searchParams.get('error')).toBe('unauthorized_client');
  });
});

test('without a scope a sign-in has all of the client’s; state and nonce come back', async () => {
  const url = new URL(authorizeUrl(host, app));
  url.searchParams.delete('scope');
  const browser = newBrowser();
  const back = await browser.submit(await browser.open(url.href), { username: EMAIL, password: PASSWORD });
  expect(new URL(back.location ?? '').searchParams.get('state')).toBe('the-state');
  const body = new URLSearchParams({
    grant_type: 'authorization_code',
    client_id: app.publicClient,
    code: codeOf(back),
    redirect_uri: CALLBACK,
  });
  const answer = await fetch(host.cognito.describePool(app.poolId).tokenUrl, { method: 'POST', body });
  const { access_token } = (await answer.json()) as { access_token: string };
  const claims = JSON.parse(Buffer.from(access_token.split('.')[1] ?? '', 'base64url').toString());
  expect(claims.scope.split(' ')).toContain(scope('readings.read'));
});

test('who is signed in is not asked again for an hour, but with prompt=login', async () => {
  const browser = newBrowser();
  await signIn(host, app, { browser });
  const again = await browser.open(authorizeUrl(host, app));
  expect(codeOf(again)).not.toBe('');
  expect((await browser.open(authorizeUrl(host, app, { prompt: 'login' }))).text).toContain('name="password"');
  host.advance(60 * 60_000 + 1000);
  expect((await browser.open(authorizeUrl(host, app))).text).toContain('name="password"');
});

test('a client without branding gets no login page, as with managed login on AWS', async () => {
  const { ref } = await host.provision('Unbranded', 'AWS::Cognito::UserPoolClient', publicClientProperties(app.poolId));
  const shown = await ask({ client_id: ref });
  expect(shown.status).toBe(403);
  expect(shown.text).toContain('Login pages unavailable');
});

test('a pool without a domain has keys, and no OAuth endpoint', async () => {
  const { ref } = await host.provision('Bare', 'AWS::Cognito::UserPool', {
    AdminCreateUserConfig: { AllowAdminCreateUserOnly: true },
  });
  expect((await fetch(`${host.origin}/${ref}/.well-known/jwks.json`)).status).toBe(200);
  expect((await fetch(`${host.origin}/${ref}/oauth2/token`, { method: 'POST' })).status).toBe(404);
  expect((await fetch(`${host.origin}/nothing/oauth2/token`, { method: 'POST' })).status).toBe(404);
});
