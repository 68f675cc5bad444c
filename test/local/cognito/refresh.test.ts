/** What ends a refresh token: time, its client, an administrator, revocation. */
import {
  AdminCreateUserCommand,
  AdminDeleteUserCommand,
  AdminDisableUserCommand,
  AdminEnableUserCommand,
  AdminSetUserPasswordCommand,
  AdminUserGlobalSignOutCommand,
  RevokeTokenCommand,
} from '@aws-sdk/client-cognito-identity-provider';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type Host, PASSWORD, startHost } from './harness.ts';
import { claimsOf, EMAIL, getTokens, post, refresh, SCOPE, signIn } from './sign-in.ts';
import { type Deployed, deploy, publicClientProperties, scope } from './template.ts';

let host: Host;
let app: Deployed;
beforeAll(async () => {
  host = await startHost();
  app = await deploy(host);
  await host.cognito.ensureUser(app.poolId, EMAIL, PASSWORD);
});
afterAll(() => host.stop());

const basic = (id: string, secret: string) => ({
  authorization: `Basic ${Buffer.from(`${encodeURIComponent(id)}:${encodeURIComponent(secret)}`).toString('base64')}`,
});
const ofUser = () => ({ UserPoolId: app.poolId, Username: EMAIL });

describe('a refresh token', () => {
  test('keeps the time of the sign-in and its scope, and gives new tokens', async () => {
    const tokens = await getTokens(host, app);
    host.advance(10 * 60_000);
    const { body } = await refresh(host, app, tokens.refresh_token);
    const [before, after] = [claimsOf(tokens.access_token), claimsOf(String(body.access_token))];
    expect(after).toMatchObject({ auth_time: before.auth_time, origin_jti: before.origin_jti, scope: SCOPE });
    expect(Number(after.iat) - Number(before.iat)).toBeGreaterThanOrEqual(600);
    const less = await refresh(host, app, tokens.refresh_token, { scope: 'openid' });
    expect(claimsOf(String(less.body.access_token)).scope).toBe('openid');
    const more = await refresh(host, app, tokens.refresh_token, { scope: scope('devices.write') });
    expect(more).toMatchObject({ status: 400, body: { error: 'invalid_scope' } });
  });
  test('ends with its validity', async () => {
    const { refresh_token } = await getTokens(host, app);
    host.advance(7 * 86_400_000 - 60_000);
    expect((await refresh(host, app, refresh_token)).status).toBe(200);
    host.advance(60_000);
    expect(await refresh(host, app, refresh_token)).toMatchObject({ status: 400, body: { error: 'invalid_grant' } });
  });
  test('belongs to its client', async () => {
    const { refresh_token } = await getTokens(host, app);
    const { ref } = await host.provision('Third', 'AWS::Cognito::UserPoolClient', publicClientProperties(app.poolId));
    expect(await refresh(host, app, refresh_token, { client_id: ref })).toMatchObject({
      body: { error: 'invalid_grant' },
    });
  });
  test('ends by the global sign-out', async () => {
    const { refresh_token } = await getTokens(host, app);
    await host.api.send(new AdminUserGlobalSignOutCommand(ofUser()));
    expect(await refresh(host, app, refresh_token)).toMatchObject({ body: { error: 'invalid_grant' } });
  });
  test('ends when its user is disabled, and stays ended', async () => {
    const { refresh_token } = await getTokens(host, app);
    await host.api.send(new AdminDisableUserCommand(ofUser()));
    expect(await refresh(host, app, refresh_token)).toMatchObject({ body: { error: 'invalid_grant' } });
    expect((await signIn(host, app)).text).toContain('Incorrect user name or password.');
    await host.api.send(new AdminEnableUserCommand(ofUser()));
    expect(await refresh(host, app, refresh_token)).toMatchObject({ body: { error: 'invalid_grant' } });
    await getTokens(host, app);
  });
  test('ends when its user is deleted, even if the address comes back', async () => {
    const { refresh_token, access_token } = await getTokens(host, app);
    await host.api.send(new AdminDeleteUserCommand(ofUser()));
    await host.api.send(new AdminCreateUserCommand({ ...ofUser(), MessageAction: 'SUPPRESS' }));
    await host.api.send(new AdminSetUserPasswordCommand({ ...ofUser(), Password: PASSWORD, Permanent: true }));
    expect(await refresh(host, app, refresh_token)).toMatchObject({ body: { error: 'invalid_grant' } });
    const back = await getTokens(host, app);
    expect(claimsOf(back.access_token).sub).not.toBe(claimsOf(access_token).sub);
  });
  test('rotates if the client says so; the old one lives for the grace', async () => {
    const { ref } = await host.provision('Rotating', 'AWS::Cognito::UserPoolClient', {
      ...publicClientProperties(app.poolId),
      RefreshTokenRotation: { Feature: 'ENABLED', RetryGracePeriodSeconds: 10 },
    });
    await host.provision('RotatingBranding', 'AWS::Cognito::ManagedLoginBranding', {
      UserPoolId: app.poolId,
      ClientId: ref,
    });
    const { refresh_token: old } = await getTokens(host, { ...app, publicClient: ref });
    const first = await refresh(host, app, old, { client_id: ref });
    const next = String(first.body.refresh_token);
    expect((await refresh(host, app, old, { client_id: ref })).status).toBe(200);
    host.advance(10_000);
    expect(await refresh(host, app, old, { client_id: ref })).toMatchObject({ body: { error: 'invalid_grant' } });
    expect((await refresh(host, app, next, { client_id: ref })).status).toBe(200);
  });
});

describe('revocation', () => {
  const revokeAs = (fields: Record<string, string>, headers = {}) =>
    post(host.cognito.describePool(app.poolId).revokeUrl, fields, headers);
  test('needs the client it was issued to', async () => {
    const { refresh_token: token } = await getTokens(host, app);
    const other = await revokeAs({ token }, basic(app.programClient, app.programSecret));
    expect(other).toMatchObject({ status: 400, body: { error: 'unauthorized_client' } });
    expect(await revokeAs({ token })).toMatchObject({ status: 400, body: { error: 'invalid_request' } });
    expect(await revokeAs({ token }, basic(app.programClient, 'wrong'))).toMatchObject({
      body: { error: 'invalid_client' },
    });
    expect((await refresh(host, app, token)).status).toBe(200);
    expect((await revokeAs({ token, client_id: app.publicClient })).status).toBe(200);
    expect((await refresh(host, app, token)).status).toBe(400);
    expect((await revokeAs({ token, client_id: app.publicClient })).status).toBe(200);
  });
  test('is not for access tokens', async () => {
    const { access_token: token } = await getTokens(host, app);
    const answer = await revokeAs({ token, client_id: app.publicClient });
    expect(answer).toMatchObject({ status: 400, body: { error: 'unsupported_token_type' } });
  });
  test('works by the API too', async () => {
    const { refresh_token: Token } = await getTokens(host, app);
    const wrong = new RevokeTokenCommand({ Token, ClientId: app.programClient, ClientSecret: app.programSecret });
    await expect(host.api.send(wrong)).rejects.toMatchObject({ name: 'UnauthorizedException' });
    await host.api.send(new RevokeTokenCommand({ Token, ClientId: app.publicClient }));
    expect((await refresh(host, app, Token)).status).toBe(400);
  });
});
