/** What the template's resources become, at the first boot and at later ones. */
import {
  AdminDeleteUserCommand,
  AdminGetUserCommand,
  DescribeUserPoolClientCommand,
  ListUsersCommand,
} from '@aws-sdk/client-cognito-identity-provider';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { type Host, startHost } from './harness.ts';
import { deploy, poolProperties, publicClientProperties } from './template.ts';

let host: Host;
beforeEach(async () => {
  host = await startHost();
});
afterEach(() => host.stop());

const putPool = (properties: object = {}) =>
  host.provision('Pool', 'AWS::Cognito::UserPool', { ...poolProperties, ...properties });

describe('a user pool', () => {
  test('answers Ref and GetAtt as on AWS, and the same at every boot', async () => {
    const pool = await putPool();
    expect(pool.ref).toMatch(/^eu-central-1_[A-Za-z0-9]{9}$/);
    const name = `cognito-idp.eu-central-1.amazonaws.com/${pool.ref}`;
    expect(pool.attributes).toEqual({
      Arn: `arn:aws:cognito-idp:eu-central-1:111122223333:userpool/${pool.ref}`,
      ProviderName: name,
      ProviderURL: `https://${name}`,
      UserPoolId: pool.ref,
    });
    const keys = host.cognito.jwks(pool.ref);
    expect(await putPool({ UserPoolName: 'renamed' })).toEqual(pool);
    expect(host.cognito.jwks(pool.ref)).toEqual(keys);
    const other = await host.provision('Other', 'AWS::Cognito::UserPool', poolProperties);
    expect(other.ref).not.toBe(pool.ref);
    expect(host.cognito.jwks(other.ref).keys[0]?.kid).not.toBe(keys.keys[0]?.kid);
  });
  test.each([
    ['self sign-up', { AdminCreateUserConfig: { AllowAdminCreateUserOnly: false } }, /AllowAdminCreateUserOnly/],
    ['no word on sign-up', { AdminCreateUserConfig: undefined }, /AdminCreateUserConfig/],
    ['sign-in by phone', { UsernameAttributes: ['phone_number'] }, /UsernameAttributes/],
    [
      'an invitation without the password',
      {
        AdminCreateUserConfig: {
          AllowAdminCreateUserOnly: true,
          InviteMessageTemplate: { EmailMessage: 'Hello {username}' },
        },
      },
      /\{####\}/,
    ],
  ])('stops the boot with %s', async (_, properties, message) => {
    await expect(putPool(properties)).rejects.toThrow(message);
    await expect(putPool(properties)).rejects.toThrow(/State\/Pool/);
  });
  test('can’t change how people sign in', async () => {
    await putPool();
    await expect(putPool({ UsernameAttributes: [] })).rejects.toThrow(/UsernameAttributes .*fresh/);
    await expect(putPool({ UsernameConfiguration: { CaseSensitive: true } })).rejects.toThrow(/UsernameConfiguration/);
  });
});

describe('a client', () => {
  test('keeps id and secret; its settings change in place', async () => {
    const { poolId } = await deploy(host);
    const put = (properties: object) =>
      host.provision('Public', 'AWS::Cognito::UserPoolClient', { ...publicClientProperties(poolId), ...properties });
    const before = await put({});
    expect(before.attributes).toEqual({ ClientId: before.ref, Name: 'Public' });
    const after = await put({ CallbackURLs: ['https://new.example/'] });
    expect(after).toEqual(before);
    const { UserPoolClient } = await host.api.send(
      new DescribeUserPoolClientCommand({ UserPoolId: poolId, ClientId: after.ref }),
    );
    expect(UserPoolClient?.CallbackURLs).toEqual(['https://new.example/']);
    const confidential = await put({ GenerateSecret: true });
    expect(confidential.ref).not.toBe(before.ref);
    expect(confidential.attributes.ClientSecret).toMatch(/^[a-z0-9]{52}$/);
    expect(await put({ GenerateSecret: true })).toEqual(confidential);
  });
  test('needs its scopes to exist', async () => {
    const { ref } = await putPool();
    const client = host.provision('Early', 'AWS::Cognito::UserPoolClient', publicClientProperties(ref));
    await expect(client).rejects.toMatchObject({ code: 'ScopeDoesNotExistException' });
  });
});

test('domain, resource server and branding answer their names, and a domain is one pool’s', async () => {
  const { poolId, publicClient } = await deploy(host);
  const domain = (UserPoolId: string) =>
    host.provision('Domain', 'AWS::Cognito::UserPoolDomain', { UserPoolId, Domain: 'shop-test' });
  expect((await domain(poolId)).ref).toBe('shop-test');
  const other = await host.provision('Other', 'AWS::Cognito::UserPool', poolProperties);
  await expect(domain(other.ref)).rejects.toThrow(/already/);
  const reserved = { UserPoolId: other.ref, Domain: 'my-cognito' };
  await expect(host.provision('Reserved', 'AWS::Cognito::UserPoolDomain', reserved)).rejects.toThrow(/reserved/);
  const server = { UserPoolId: poolId, Identifier: 'api', Name: 'api', Scopes: [] };
  expect((await host.provision('Api', 'AWS::Cognito::UserPoolResourceServer', server)).ref).toBe('api');
  const put = () =>
    host.provision('Look', 'AWS::Cognito::ManagedLoginBranding', { UserPoolId: poolId, ClientId: publicClient });
  const branding = await put();
  expect(branding.ref).toBe(`${poolId}|${branding.attributes.ManagedLoginBrandingId}`);
  expect(await put()).toEqual(branding);
});

describe('a user of the template', () => {
  const put = (UserPoolId: string, Username = 'operator@example.org', more: object = {}) =>
    host.provision('Operator', 'AWS::Cognito::UserPoolUser', {
      UserPoolId,
      Username,
      DesiredDeliveryMediums: ['EMAIL'],
      UserAttributes: [{ Name: 'email', Value: Username }],
      ...more,
    });
  const usernames = async (UserPoolId: string) =>
    (await host.api.send(new ListUsersCommand({ UserPoolId }))).Users?.map(({ Username }) => Username);

  test('is created and invited once, and not again when deleted', async () => {
    const { poolId } = await deploy(host);
    const user = await put(poolId);
    expect(host.mails.map(({ to }) => to)).toEqual(['operator@example.org']);
    expect(await put(poolId)).toEqual(user);
    expect(host.mails).toHaveLength(1);
    await host.api.send(new AdminDeleteUserCommand({ UserPoolId: poolId, Username: user.ref }));
    await put(poolId);
    expect(await usernames(poolId)).toEqual([]);
  });
  test('is replaced when it has another name', async () => {
    const { poolId } = await deploy(host);
    await put(poolId);
    const second = await put(poolId, 'second@example.org');
    expect(await usernames(poolId)).toEqual([second.ref]);
  });
  test('is not created while its invitation can’t be sent', async () => {
    const { poolId } = await deploy(host);
    host.failMails(true);
    await expect(put(poolId)).rejects.toMatchObject({ code: 'CodeDeliveryFailureException' });
    host.failMails(false);
    const user = await put(poolId);
    const got = await host.api.send(new AdminGetUserCommand({ UserPoolId: poolId, Username: user.ref }));
    expect(got.UserStatus).toBe('FORCE_CHANGE_PASSWORD');
  });
});

test('every provider says of each property what becomes of it, once', () => {
  for (const { honoured, ignored } of host.cognito.providers) {
    expect(Object.keys(honoured).filter((name) => name in ignored)).toEqual([]);
    expect(Object.values({ ...honoured, ...ignored }).every((reason) => reason.length > 3)).toBe(true);
  }
});
