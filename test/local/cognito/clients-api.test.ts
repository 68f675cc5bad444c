/** Operations on app clients and pools, by the AWS SDK. */
import {
  CreateUserPoolClientCommand,
  type CreateUserPoolClientCommandInput,
  CreateUserPoolCommand,
  DeleteUserPoolClientCommand,
  DescribeUserPoolClientCommand,
  DescribeUserPoolCommand,
  DescribeUserPoolDomainCommand,
  ListUserPoolClientsCommand,
  UpdateUserPoolClientCommand,
} from '@aws-sdk/client-cognito-identity-provider';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type Host, startHost } from './harness.ts';
import { claimsOf, post } from './sign-in.ts';
import { type Deployed, deploy, scope } from './template.ts';

let host: Host;
let app: Deployed;
beforeAll(async () => {
  host = await startHost();
  app = await deploy(host);
});
afterAll(() => host.stop());

const program = (): CreateUserPoolClientCommandInput => ({
  UserPoolId: app.poolId,
  ClientName: 'gateway',
  GenerateSecret: true,
  AllowedOAuthFlowsUserPoolClient: true,
  AllowedOAuthFlows: ['client_credentials'],
  AllowedOAuthScopes: [scope('devices.read')],
});
const create = (input: Partial<CreateUserPoolClientCommandInput> = {}) =>
  host.api.send(new CreateUserPoolClientCommand({ ...program(), ...input }));
const named = (name: string) => expect.objectContaining({ name });

test('a client is created, described, listed and deleted; its secret stays the same', async () => {
  const { UserPoolClient: made } = await create();
  expect(made).toMatchObject({
    ClientName: 'gateway',
    EnableTokenRevocation: true,
    AllowedOAuthScopes: [scope('devices.read')],
  });
  expect(made?.ClientId).toMatch(/^[a-z0-9]{26}$/);
  expect(made?.ClientSecret).toMatch(/^[a-z0-9]{52}$/);
  expect(made?.CreationDate).toBeInstanceOf(Date);
  const ids = { UserPoolId: app.poolId, ClientId: made?.ClientId };
  expect((await host.api.send(new DescribeUserPoolClientCommand(ids))).UserPoolClient).toEqual(made);
  const list = (NextToken?: string) =>
    host.api.send(new ListUserPoolClientsCommand({ UserPoolId: app.poolId, MaxResults: 2, NextToken }));
  const first = await list();
  const second = await list(first.NextToken);
  const all = [...(first.UserPoolClients ?? []), ...(second.UserPoolClients ?? [])].map(({ ClientId }) => ClientId);
  expect(all.sort()).toEqual([app.publicClient, app.programClient, made?.ClientId].sort());
  await host.api.send(new DeleteUserPoolClientCommand(ids));
  await expect(host.api.send(new DescribeUserPoolClientCommand(ids))).rejects.toEqual(
    named('ResourceNotFoundException'),
  );
  await expect(host.api.send(new DeleteUserPoolClientCommand(ids))).rejects.toEqual(named('ResourceNotFoundException'));
});

test('an update replaces all settings but name and secret; tokens follow at once', async () => {
  const { UserPoolClient: made } = await create({
    AccessTokenValidity: 2,
    TokenValidityUnits: { AccessToken: 'hours' },
  });
  const ask = () =>
    post(host.cognito.describePool(app.poolId).tokenUrl, {
      grant_type: 'client_credentials',
      client_id: made?.ClientId ?? '',
      client_secret: made?.ClientSecret ?? '',
    });
  expect((await ask()).body.expires_in).toBe(7200);
  const { ClientName: _, GenerateSecret: __, ...rest } = program();
  const update = { ...rest, ClientId: made?.ClientId, AllowedOAuthScopes: [scope('devices.write')] };
  const { UserPoolClient: updated } = await host.api.send(new UpdateUserPoolClientCommand(update));
  expect(updated).toMatchObject({ ClientName: 'gateway', ClientSecret: made?.ClientSecret });
  expect(updated?.AccessTokenValidity).toBeUndefined();
  const { body } = await ask();
  expect(body.expires_in).toBe(3600);
  expect(claimsOf(String(body.access_token)).scope).toBe(scope('devices.write'));
});

describe('a client is refused', () => {
  const many = (n: number) => Array.from({ length: n }, () => scope('devices.read'));
  test.each<[string, Partial<CreateUserPoolClientCommandInput>, string]>([
    ['with an unknown scope', { AllowedOAuthScopes: ['shop/everything'] }, 'ScopeDoesNotExistException'],
    ['with more than 50 scopes', { AllowedOAuthScopes: many(51) }, 'InvalidParameterException'],
    ['for client credentials without a secret', { GenerateSecret: false }, 'InvalidOAuthFlowException'],
    [
      'with code and client credentials',
      { AllowedOAuthFlows: ['code', 'client_credentials'] },
      'InvalidOAuthFlowException',
    ],
    ['with flows but no scope', { AllowedOAuthScopes: [] }, 'InvalidParameterException'],
    ['with a callback over plain HTTP', { CallbackURLs: ['http://shop.example/cb'] }, 'InvalidParameterException'],
    ['with a fragment in its callback', { CallbackURLs: ['https://shop.example/#x'] }, 'InvalidParameterException'],
    [
      'with a default that is no callback',
      { DefaultRedirectURI: 'https://shop.example/' },
      'InvalidParameterException',
    ],
    [
      'with tokens of four minutes',
      { AccessTokenValidity: 4, TokenValidityUnits: { AccessToken: 'minutes' } },
      'InvalidParameterException',
    ],
    ['with tokens of two days', { IdTokenValidity: 48 }, 'InvalidParameterException'],
    ['with a secret of its own and a generated one', { ClientSecret: 'x'.repeat(30) }, 'InvalidParameterException'],
    ['in an unknown pool', { UserPoolId: 'eu-central-1_Nothing00' }, 'ResourceNotFoundException'],
  ])('%s', async (_, input, name) => {
    await expect(create(input)).rejects.toEqual(named(name));
  });
  test('beyond the thousandth of its pool', async () => {
    const { ref } = await host.provision('Full', 'AWS::Cognito::UserPool', {
      AdminCreateUserConfig: { AllowAdminCreateUserOnly: true },
    });
    const fill = () => host.provision(`C${Math.random()}`, 'AWS::Cognito::UserPoolClient', { UserPoolId: ref });
    for (let n = 0; n < 1000; n += 1) await fill();
    await expect(fill()).rejects.toMatchObject({ code: 'LimitExceededException' });
  });
});

test('50 scopes are not too many', async () => {
  const scopes = Array.from({ length: 50 }, (_, n) => `s${n}`);
  await host.provision('Wide', 'AWS::Cognito::UserPoolResourceServer', {
    UserPoolId: app.poolId,
    Identifier: 'wide',
    Name: 'wide',
    Scopes: scopes.map((ScopeName) => ({ ScopeName, ScopeDescription: ScopeName })),
  });
  const { UserPoolClient } = await create({ AllowedOAuthScopes: scopes.map((name) => `wide/${name}`) });
  expect(UserPoolClient?.AllowedOAuthScopes).toHaveLength(50);
});

test('pool and domain are described', async () => {
  const { UserPool } = await host.api.send(new DescribeUserPoolCommand({ UserPoolId: app.poolId }));
  expect(UserPool).toMatchObject({
    Id: app.poolId,
    Name: 'people',
    Domain: 'shop-test',
    DeletionProtection: 'ACTIVE',
    MfaConfiguration: 'OPTIONAL',
    UsernameAttributes: ['email'],
  });
  const describe = async (Domain: string) =>
    (await host.api.send(new DescribeUserPoolDomainCommand({ Domain }))).DomainDescription;
  expect(await describe('shop-test')).toMatchObject({
    UserPoolId: app.poolId,
    Status: 'ACTIVE',
    ManagedLoginVersion: 2,
  });
  expect(await describe('nothing')).toEqual({});
});

test('what the laptop does not serve is an unknown operation', async () => {
  const call = host.api.send(new CreateUserPoolCommand({ PoolName: 'x' }));
  await expect(call).rejects.toEqual(named('UnknownOperationException'));
});
