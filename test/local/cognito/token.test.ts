/** What the token endpoint refuses of codes and clients, and the protocol around it. */
import { AdminUserGlobalSignOutCommand, DeleteUserPoolClientCommand } from '@aws-sdk/client-cognito-identity-provider';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { pkce } from '../../support/browser.ts';
import { CALLBACK, type Host, PASSWORD, startHost } from './harness.ts';
import { codeOf, EMAIL, getTokens, post, redeem, refresh, signIn } from './sign-in.ts';
import { type Deployed, deploy, publicClientProperties, scope } from './template.ts';

let host: Host;
let app: Deployed;
let tokenUrl: string;
beforeAll(async () => {
  host = await startHost();
  app = await deploy(host);
  tokenUrl = host.cognito.describePool(app.poolId).tokenUrl;
  await host.cognito.ensureUser(app.poolId, EMAIL, PASSWORD);
});
afterAll(() => host.stop());

const basic = (id: string, secret: string) => ({
  authorization: `Basic ${Buffer.from(`${encodeURIComponent(id)}:${encodeURIComponent(secret)}`).toString('base64')}`,
});
const ofUser = () => ({ UserPoolId: app.poolId, Username: EMAIL });
async function newCode() {
  const { verifier, challenge } = pkce();
  const shown = await signIn(host, app, { parameters: { code_challenge: challenge, code_challenge_method: 'S256' } });
  return { code: codeOf(shown), verifier };
}

describe('an authorization code', () => {
  test('serves once', async () => {
    const { code, verifier } = await newCode();
    expect((await redeem(host, app, code, verifier)).status).toBe(200);
    expect(await redeem(host, app, code, verifier)).toMatchObject({ status: 400, body: { error: 'invalid_grant' } });
  });
  test('is used up by a wrong verifier', async () => {
    const { code, verifier } = await newCode();
    expect(await redeem(host, app, code, pkce().verifier)).toMatchObject({
      status: 400,
      body: { error: 'invalid_grant' },
    });
    expect((await redeem(host, app, code, verifier)).status).toBe(400);
  });
  test.each([
    ['another return address', { redirect_uri: `${CALLBACK}?x` }, 'invalid_grant'],
    ['no verifier', { code_verifier: '' }, 'invalid_grant'],
    ['no return address', { redirect_uri: '' }, 'invalid_request'],
    ['no code', { code: '' }, 'invalid_request'],
    ['an unknown code', { code: 'nothing' }, 'invalid_grant'],
    ['another grant type', { grant_type: 'password' }, 'unsupported_grant_type'],
    ['no grant type', { grant_type: '' }, 'invalid_request'],
    ['an unknown client', { client_id: 'nobody' }, 'invalid_client'],
    ['a secret that a public client has not', { client_secret: 'x' }, 'invalid_client'],
  ])('is refused with %s', async (_, fields, error) => {
    const { code, verifier } = await newCode();
    expect(await redeem(host, app, code, verifier, fields)).toMatchObject({ status: 400, body: { error } });
  });
  test('asked for without a challenge takes no verifier', async () => {
    const code = codeOf(await signIn(host, app));
    expect(await redeem(host, app, code, pkce().verifier)).toMatchObject({ body: { error: 'invalid_grant' } });
  });
  test('ends after five minutes', async () => {
    const early = await newCode();
    host.advance(5 * 60_000 - 5000);
    expect((await redeem(host, app, early.code, early.verifier)).status).toBe(200);
    const late = await newCode();
    host.advance(5 * 60_000);
    expect(await redeem(host, app, late.code, late.verifier)).toMatchObject({ body: { error: 'invalid_grant' } });
  });
  test('belongs to its client', async () => {
    const { ref } = await host.provision('Second', 'AWS::Cognito::UserPoolClient', publicClientProperties(app.poolId));
    const { code, verifier } = await newCode();
    const stolen = await redeem(host, app, code, verifier, { client_id: ref });
    expect(stolen).toMatchObject({ status: 400, body: { error: 'invalid_grant' } });
    expect((await redeem(host, app, code, verifier)).status).toBe(200);
  });
  test('is worth nothing once the user is disabled or signed out', async () => {
    const first = await newCode();
    await host.api.send(new AdminUserGlobalSignOutCommand(ofUser()));
    expect(await redeem(host, app, first.code, first.verifier)).toMatchObject({ body: { error: 'invalid_grant' } });
  });
});

describe('client credentials', () => {
  const grant = (fields: Record<string, string>, headers = {}) =>
    post(tokenUrl, { grant_type: 'client_credentials', ...fields }, headers);
  test.each([
    ['a scope of another client', () => ({ scope: scope('readings.read') }), 'invalid_scope'],
    ['an unknown scope', () => ({ scope: 'shop/everything' }), 'invalid_scope'],
    ['a person’s scope', () => ({ scope: 'openid' }), 'invalid_scope'],
    ['two kinds of authentication', () => ({ client_secret: app.programSecret }), 'invalid_request'],
    ['two clients', () => ({ client_id: app.publicClient }), 'invalid_request'],
  ])('refuse %s', async (_, fields, error) => {
    const answer = await grant(fields(), basic(app.programClient, app.programSecret));
    expect(answer).toMatchObject({ status: 400, body: { error } });
    expect(answer.headers.get('cache-control')).toBe('no-store');
  });
  test('refuse a client without the flow, without its secret, of another pool, or with a broken header', async () => {
    expect(await grant({ client_id: app.publicClient })).toMatchObject({ body: { error: 'unauthorized_client' } });
    expect(await grant({ client_id: app.programClient })).toMatchObject({ body: { error: 'invalid_client' } });
    expect(await grant({}, { authorization: 'Basic !!!' })).toMatchObject({ body: { error: 'invalid_client' } });
    expect(await grant({}, { authorization: `Basic ${btoa('a:%zz')}` })).toMatchObject({
      body: { error: 'invalid_client' },
    });
    const { ref } = await host.provision('Elsewhere', 'AWS::Cognito::UserPool', {
      AdminCreateUserConfig: { AllowAdminCreateUserOnly: true },
    });
    await host.provision('ElsewhereDomain', 'AWS::Cognito::UserPoolDomain', { UserPoolId: ref, Domain: 'elsewhere' });
    const there = tokenUrl.replace(app.poolId, ref);
    const answer = await post(there, { grant_type: 'client_credentials' }, basic(app.programClient, app.programSecret));
    expect(answer).toMatchObject({ status: 400, body: { error: 'invalid_client' } });
  });
  test('end with the client', async () => {
    const doomed = await host.provision('Doomed', 'AWS::Cognito::UserPoolClient', {
      UserPoolId: app.poolId,
      GenerateSecret: true,
      AllowedOAuthFlowsUserPoolClient: true,
      AllowedOAuthFlows: ['client_credentials'],
      AllowedOAuthScopes: [scope('devices.read')],
    });
    const header = basic(doomed.ref, String(doomed.attributes.ClientSecret));
    expect((await grant({}, header)).status).toBe(200);
    await host.api.send(new DeleteUserPoolClientCommand({ UserPoolId: app.poolId, ClientId: doomed.ref }));
    expect(await grant({}, header)).toMatchObject({ status: 400, body: { error: 'invalid_client' } });
  });
});

describe('the protocol', () => {
  test('takes only POST, forms, parameters given once, and small bodies', async () => {
    const got = await fetch(tokenUrl);
    expect([got.status, got.headers.get('allow')]).toEqual([405, 'POST']);
    const asJson = await fetch(tokenUrl, {
      method: 'POST',
      body: '{}',
      headers: { 'content-type': 'application/json' },
    });
    expect([asJson.status, await asJson.json()]).toMatchObject([400, { error: 'invalid_request' }]);
    const headers = { 'content-type': 'application/x-www-form-urlencoded' };
    const twice = await fetch(tokenUrl, { method: 'POST', headers, body: 'grant_type=refresh_token&grant_type=x' });
    expect(await twice.json()).toMatchObject({ error: 'invalid_request' });
    const huge = await fetch(tokenUrl, { method: 'POST', headers, body: `grant_type=${'x'.repeat(70_000)}` });
    expect(huge.status).toBe(413);
  });
  test('lets scripts of registered origins call it, and no others', async () => {
    const ask = (origin: string) =>
      fetch(tokenUrl, { method: 'OPTIONS', headers: { origin, 'access-control-request-method': 'POST' } });
    const own = await ask(new URL(CALLBACK).origin);
    expect(own.status).toBe(204);
    expect(own.headers.get('access-control-allow-origin')).toBe('http://localhost:3999');
    expect(own.headers.get('access-control-allow-methods')).toBe('POST');
    expect(own.headers.get('access-control-allow-headers')).toContain('authorization');
    expect((await ask('http://evil.example')).headers.get('access-control-allow-origin')).toBeNull();
    const failed = await post(tokenUrl, {}, { origin: 'http://localhost:3999' });
    expect(failed.headers.get('access-control-allow-origin')).toBe('http://localhost:3999');
  });
  test('userInfo wants a live access token of the pool with openid', async () => {
    const { userInfoUrl } = host.cognito.describePool(app.poolId);
    const ask = async (token?: string) => {
      const answer = await fetch(userInfoUrl, token ? { headers: { authorization: `Bearer ${token}` } } : {});
      return [answer.status, answer.headers.get('www-authenticate')];
    };
    const tokens = await getTokens(host, app);
    expect(await ask(tokens.access_token)).toEqual([200, null]);
    const refused = [401, 'Bearer error="invalid_token"'];
    expect(await ask()).toEqual(refused);
    expect(await ask('a.b.c')).toEqual(refused);
    expect(await ask(tokens.id_token)).toEqual(refused);
    const narrow = await refresh(host, app, tokens.refresh_token, { scope: scope('devices.read') });
    expect(narrow.body.id_token).toBeUndefined();
    expect((await ask(String(narrow.body.access_token)))[0]).toBe(403);
    host.advance(15 * 60_000);
    expect(await ask(tokens.access_token)).toEqual(refused);
  });
});
