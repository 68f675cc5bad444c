/** The libraries that applications use must find nothing odd: openid-client signs in, aws-jwt-verify accepts. */
import {
  AddUserPoolClientSecretCommand,
  DeleteUserPoolClientSecretCommand,
  ListUserPoolClientSecretsCommand,
} from '@aws-sdk/client-cognito-identity-provider';
import { CognitoJwtVerifier } from 'aws-jwt-verify';
import { SimpleJwksCache } from 'aws-jwt-verify/jwk';
import * as oidc from 'openid-client';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { newBrowser } from '../../support/browser.ts';
import { CALLBACK, type Host, PASSWORD, startHost } from './harness.ts';
import { EMAIL, SCOPE } from './sign-in.ts';
import { type Deployed, deploy, SCOPES, scope } from './template.ts';

let host: Host;
let app: Deployed;
beforeAll(async () => {
  host = await startHost();
  app = await deploy(host);
  await host.cognito.ensureUser(app.poolId, EMAIL, PASSWORD);
});
afterAll(() => host.stop());

/** Discovery would refuse a document whose issuer isn't its address, so the document is given. */
async function configuration(clientId: string, auth: oidc.ClientAuth): Promise<oidc.Configuration> {
  const document = `${host.origin}/${app.poolId}/.well-known/openid-configuration`;
  const metadata = (await (await fetch(document)).json()) as oidc.ServerMetadata;
  const config = new oidc.Configuration(metadata, clientId, undefined, auth);
  oidc.allowInsecureRequests(config);
  return config;
}

const jwksCache = () => {
  const fetcher = { fetch: async () => (await fetch(host.cognito.describePool(app.poolId).jwksUrl)).arrayBuffer() };
  return new SimpleJwksCache({ fetcher });
};
const verifier = (clientId: string) =>
  CognitoJwtVerifier.create({ userPoolId: app.poolId, tokenUse: 'access', clientId }, { jwksCache: jwksCache() });

async function signInWithLibrary(config: oidc.Configuration) {
  const pkceCodeVerifier = oidc.randomPKCECodeVerifier();
  const expectedState = oidc.randomState();
  const expectedNonce = oidc.randomNonce();
  const url = oidc.buildAuthorizationUrl(config, {
    redirect_uri: CALLBACK,
    scope: SCOPE,
    state: expectedState,
    nonce: expectedNonce,
    code_challenge: await oidc.calculatePKCECodeChallenge(pkceCodeVerifier),
    code_challenge_method: 'S256',
  });
  const browser = newBrowser();
  const back = await browser.submit(await browser.open(url.href), { username: EMAIL, password: PASSWORD });
  const checks = { pkceCodeVerifier, expectedState, expectedNonce, idTokenExpected: true };
  return oidc.authorizationCodeGrant(config, new URL(back.location ?? ''), checks);
}

test('openid-client signs a person in with code and PKCE, reads who it is, refreshes and revokes', async () => {
  const config = await configuration(app.publicClient, oidc.None());
  const tokens = await signInWithLibrary(config);
  expect(tokens.expires_in).toBe(15 * 60);
  expect(tokens.claims()).toMatchObject({ aud: app.publicClient, token_use: 'id', email: EMAIL, email_verified: true });

  const sub = tokens.claims()?.sub ?? '';
  expect(await oidc.fetchUserInfo(config, tokens.access_token, sub)).toMatchObject({ sub, email: EMAIL });

  const refreshed = await oidc.refreshTokenGrant(config, tokens.refresh_token ?? '');
  expect(refreshed.access_token).not.toBe(tokens.access_token);
  expect(refreshed.refresh_token).toBeUndefined();

  await oidc.tokenRevocation(config, tokens.refresh_token ?? '');
  await expect(oidc.refreshTokenGrant(config, tokens.refresh_token ?? '')).rejects.toMatchObject({
    error: 'invalid_grant',
  });
  await expect(oidc.fetchUserInfo(config, tokens.access_token, sub)).rejects.toThrow();
});

test('CognitoJwtVerifier accepts access tokens of people and programs, and refuses ID tokens and other clients', async () => {
  const tokens = await signInWithLibrary(await configuration(app.publicClient, oidc.None()));
  const access = await verifier(app.publicClient).verify(tokens.access_token);
  expect(access).toMatchObject({ token_use: 'access', client_id: app.publicClient, scope: SCOPE, version: 2 });
  expect(access.iss).toBe(`https://cognito-idp.eu-central-1.amazonaws.com/${app.poolId}`);
  expect(access.username).toBe(access.sub);
  expect(access.origin_jti).not.toBe(access.jti);
  expect(access.exp - access.iat).toBe(900);

  await expect(verifier(app.publicClient).verify(tokens.id_token ?? '')).rejects.toThrow(/Token use not allowed/);
  await expect(verifier(app.programClient).verify(tokens.access_token)).rejects.toThrow(/Client ID not allowed/);
  const forged = `${tokens.access_token.slice(0, -6)}AAAAAA`;
  await expect(verifier(app.publicClient).verify(forged)).rejects.toThrow(/Invalid signature/);
});

test('a verifier can be given the keys instead of an address', async () => {
  const config = await configuration(app.programClient, oidc.ClientSecretPost(app.programSecret));
  const { access_token } = await oidc.clientCredentialsGrant(config);
  const given = CognitoJwtVerifier.create({ userPoolId: app.poolId, tokenUse: 'access', clientId: app.programClient });
  given.cacheJwks({ keys: host.cognito.jwks(app.poolId).keys.map((key) => ({ ...key })) });
  expect(await given.verify(access_token)).toMatchObject({ sub: app.programClient });
});

test.each([
  ['client_secret_basic', oidc.ClientSecretBasic],
  ['client_secret_post', oidc.ClientSecretPost],
])('a program gets a token by %s', async (_, method) => {
  const config = await configuration(app.programClient, method(app.programSecret));
  const all = await oidc.clientCredentialsGrant(config);
  const claims = await verifier(app.programClient).verify(all.access_token);
  expect(claims).toMatchObject({ sub: app.programClient, scope: SCOPES.slice(0, 2).map(scope).join(' ') });
  expect(claims).not.toHaveProperty('username');
  expect(all).not.toHaveProperty('refresh_token');

  const one = await oidc.clientCredentialsGrant(config, { scope: scope('devices.write') });
  expect((await verifier(app.programClient).verify(one.access_token)).scope).toBe(scope('devices.write'));

  const wrong = await configuration(app.programClient, method(`${app.programSecret}x`));
  await expect(oidc.clientCredentialsGrant(wrong)).rejects.toMatchObject({ error: 'invalid_client', status: 400 });
});

test('a program changes its secret while the old one still works', async () => {
  const ids = { UserPoolId: app.poolId, ClientId: app.programClient };
  const grant = async (secret: string) =>
    oidc.clientCredentialsGrant(await configuration(app.programClient, oidc.ClientSecretBasic(secret)));
  const added = await host.api.send(new AddUserPoolClientSecretCommand(ids));
  const second = added.ClientSecretDescriptor?.ClientSecretValue ?? '';
  expect(second).not.toBe(app.programSecret);
  await grant(app.programSecret);
  await grant(second);
  await expect(host.api.send(new AddUserPoolClientSecretCommand(ids))).rejects.toMatchObject({
    name: 'LimitExceededException',
  });

  const { ClientSecrets = [] } = await host.api.send(new ListUserPoolClientSecretsCommand(ids));
  expect(ClientSecrets).toHaveLength(2);
  expect(ClientSecrets.every((secret) => secret.ClientSecretValue === undefined)).toBe(true);
  const first = ClientSecrets[0]?.ClientSecretId ?? '';
  await host.api.send(new DeleteUserPoolClientSecretCommand({ ...ids, ClientSecretId: first }));
  await expect(grant(app.programSecret)).rejects.toMatchObject({ error: 'invalid_client' });
  await grant(second);

  const last = added.ClientSecretDescriptor?.ClientSecretId ?? '';
  await expect(
    host.api.send(new DeleteUserPoolClientSecretCommand({ ...ids, ClientSecretId: last })),
  ).rejects.toMatchObject({ name: 'InvalidParameterException' });
  await expect(
    host.api.send(new DeleteUserPoolClientSecretCommand({ ...ids, ClientSecretId: first })),
  ).rejects.toMatchObject({ name: 'ResourceNotFoundException' });
  await expect(
    host.api.send(new AddUserPoolClientSecretCommand({ ...ids, ClientId: app.publicClient })),
  ).rejects.toMatchObject({ name: 'InvalidParameterException' });
});
