/** The administrator's operations on people, by the AWS SDK. */
import {
  AdminCreateUserCommand,
  type AdminCreateUserCommandInput,
  AdminDeleteUserCommand,
  AdminGetUserCommand,
  AdminSetUserPasswordCommand,
  AdminUpdateUserAttributesCommand,
  ListUsersCommand,
} from '@aws-sdk/client-cognito-identity-provider';
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { type Host, PASSWORD, startHost } from './harness.ts';
import { codeOf, EMAIL, signIn } from './sign-in.ts';
import { type Deployed, deploy } from './template.ts';

let host: Host;
let app: Deployed;
beforeAll(async () => {
  host = await startHost();
  app = await deploy(host, { pool: { Schema: [{ Name: 'tier', AttributeDataType: 'String', Mutable: false }] } });
});
afterEach(async () => {
  const { Users = [] } = await host.api.send(new ListUsersCommand({ UserPoolId: app.poolId }));
  for (const { Username = '' } of Users) await host.api.send(new AdminDeleteUserCommand(of(Username)));
  for (const record of [host.mails, host.logs, host.demands]) record.length = 0;
});
afterAll(() => host.stop());

const create = (input: Partial<AdminCreateUserCommandInput> = {}) =>
  host.api.send(
    new AdminCreateUserCommand({
      UserPoolId: app.poolId,
      Username: EMAIL,
      DesiredDeliveryMediums: ['EMAIL'],
      ...input,
    }),
  );
const of = (Username: string) => ({ UserPoolId: app.poolId, Username });
const named = (name: string) => expect.objectContaining({ name });

describe('creating a person', () => {
  test('gives a random user name and an invitation in the pool’s words', async () => {
    const { User } = await create({ UserAttributes: [{ Name: 'email_verified', Value: 'true' }] });
    expect(User).toMatchObject({ Enabled: true, UserStatus: 'FORCE_CHANGE_PASSWORD' });
    expect(User?.Username).toMatch(/^[\da-f-]{36}$/);
    expect(User?.Attributes).toContainEqual({ Name: 'sub', Value: User?.Username });
    expect(User?.UserCreateDate).toBeInstanceOf(Date);
    expect(host.mails).toEqual([
      {
        to: EMAIL,
        subject: 'Welcome',
        text: expect.stringMatching(/^Sign in as ada@example\.org with \S{12} please$/),
      },
    ]);
    const got = await host.api.send(new AdminGetUserCommand(of(EMAIL)));
    expect(got.Username).toBe(User?.Username);
    expect(got.UserAttributes).toContainEqual({ Name: 'email', Value: EMAIL });
  });
  test('puts a given password into the mail letter by letter', async () => {
    await create({ TemporaryPassword: "Aa1$&$'{username}" });
    expect(host.mails[0]?.text).toBe("Sign in as ada@example.org with Aa1$&$'{username} please");
  });
  test('sends nothing if suppressed, or to be sent by SMS, which is the default', async () => {
    await create({ MessageAction: 'SUPPRESS' });
    await create({ Username: 'b@example.org', DesiredDeliveryMediums: undefined });
    expect(host.mails).toEqual([]);
    expect(host.logs.join()).toContain('delivery medium');
    expect(host.logs.join()).not.toContain('@');
  });
  test('leaves nobody behind when the mail fails', async () => {
    host.failMails(true);
    await expect(create()).rejects.toEqual(named('CodeDeliveryFailureException'));
    host.failMails(false);
    await create();
  });
  test.each<[string, Partial<AdminCreateUserCommandInput>, string]>([
    ['an address that is none', { Username: 'ada' }, 'InvalidParameterException'],
    ['a weak password', { TemporaryPassword: 'weak' }, 'InvalidPasswordException'],
    ['an unknown attribute', { UserAttributes: [{ Name: 'custom:other', Value: 'x' }] }, 'InvalidParameterException'],
    ['a sub of its own', { UserAttributes: [{ Name: 'sub', Value: 'x' }] }, 'InvalidParameterException'],
    ['no one to invite again', { MessageAction: 'RESEND' }, 'UserNotFoundException'],
    ['a pool that is none', { UserPoolId: 'eu-central-1_Nothing00' }, 'ResourceNotFoundException'],
    ['a pool id that is none', { UserPoolId: 'nothing' }, 'InvalidParameterException'],
  ])('is refused with %s', async (_, input, name) => {
    await expect(create(input)).rejects.toEqual(named(name));
  });
  test('is refused for an address that is taken, whatever its capitals', async () => {
    await create();
    await expect(create({ Username: 'ADA@example.org' })).rejects.toEqual(named('UsernameExistsException'));
    const both = await Promise.allSettled([
      create({ Username: 'twin@example.org' }),
      create({ Username: 'twin@example.org' }),
    ]);
    expect(both.map(({ status }) => status).sort()).toEqual(['fulfilled', 'rejected']);
  });
  test('again with RESEND gives a new password and a new term, until one is chosen', async () => {
    await create({ TemporaryPassword: 'First-Password-1' });
    host.advance(3 * 86_400_000);
    await create({ MessageAction: 'RESEND', TemporaryPassword: 'Second-Password-2' });
    expect(host.mails).toHaveLength(2);
    expect((await signIn(host, app, { password: 'First-Password-1' })).status).toBe(400);
    expect((await signIn(host, app, { password: 'Second-Password-2' })).text).toContain('Choose a password');
    await host.api.send(new AdminSetUserPasswordCommand({ ...of(EMAIL), Password: PASSWORD, Permanent: true }));
    await expect(create({ MessageAction: 'RESEND' })).rejects.toEqual(named('UnsupportedUserStateException'));
  });
});

test('a password is set for good or for once, and must satisfy the policy', async () => {
  await create();
  const set = (Password: string, Permanent?: boolean) =>
    host.api.send(new AdminSetUserPasswordCommand({ ...of(EMAIL), Password, Permanent }));
  await expect(set('aaaaaaaaaaaaA', true)).rejects.toThrow(/numeric/);
  await expect(set('Short-1', true)).rejects.toEqual(named('InvalidPasswordException'));
  await set(PASSWORD, true);
  expect(codeOf(await signIn(host, app))).not.toBe('');
  await set('Another-Password-2');
  expect((await signIn(host, app)).status).toBe(400);
  expect((await signIn(host, app, { password: 'Another-Password-2' })).text).toContain('Choose a password');
});

test('only the whole of a long password signs in', async () => {
  const long = `Aa1${'x'.repeat(80)}`;
  await host.cognito.ensureUser(app.poolId, EMAIL, `${long}y`);
  expect((await signIn(host, app, { password: `${long}z` })).status).toBe(400);
  expect(codeOf(await signIn(host, app, { password: `${long}y` }))).not.toBe('');
});

test('attributes change, but not all, and not to another person’s address', async () => {
  await create({ UserAttributes: [{ Name: 'custom:tier', Value: 'gold' }] });
  await create({ Username: 'bob@example.org' });
  const update = (Name: string, Value: string) =>
    host.api.send(new AdminUpdateUserAttributesCommand({ ...of(EMAIL), UserAttributes: [{ Name, Value }] }));
  await update('name', 'Ada');
  await expect(update('custom:tier', 'silver')).rejects.toThrow(/cannot be updated/);
  await expect(update('sub', 'x')).rejects.toEqual(named('InvalidParameterException'));
  await expect(update('email', 'Bob@example.org')).rejects.toEqual(named('AliasExistsException'));
  await update('email', 'countess@example.org');
  await expect(host.api.send(new AdminGetUserCommand(of(EMAIL)))).rejects.toEqual(named('UserNotFoundException'));
  const { UserAttributes } = await host.api.send(new AdminGetUserCommand(of('countess@example.org')));
  expect(UserAttributes).toContainEqual({ Name: 'name', Value: 'Ada' });
});

test('people are listed by page and by filter', async () => {
  const names = ['a@example.org', 'b@example.org', 'c@example.org'];
  for (const Username of names) await create({ Username, MessageAction: 'SUPPRESS' });
  const list = (input: object) => host.api.send(new ListUsersCommand({ UserPoolId: app.poolId, ...input }));
  const emails = (users: Awaited<ReturnType<typeof list>>) =>
    users.Users?.map((user) => user.Attributes?.find(({ Name }) => Name === 'email')?.Value);
  const first = await list({ Limit: 2 });
  const second = await list({ Limit: 2, PaginationToken: first.PaginationToken });
  expect([...(emails(first) ?? []), ...(emails(second) ?? [])].sort()).toEqual(names);
  expect(second.PaginationToken).toBeUndefined();
  expect(emails(await list({ Filter: 'email = "B@example.org"' }))).toEqual(['b@example.org']);
  expect(emails(await list({ Filter: 'email ^= "c@"' }))).toEqual(['c@example.org']);
  expect(emails(await list({ Filter: 'email = "b@"' }))).toEqual([]);
  const sub = first.Users?.[0]?.Username;
  expect((await list({ Filter: `sub = "${sub}"` })).Users).toHaveLength(1);
  await expect(list({ Filter: 'email = "x" or "1" = "1"' })).rejects.toEqual(named('InvalidParameterException'));
  await expect(list({ PaginationToken: '!' })).rejects.toEqual(named('InvalidParameterException'));
});

test('each call demands its own action on the pool', async () => {
  await create();
  await host.api.send(new AdminDeleteUserCommand(of(EMAIL)));
  const resource = `arn:aws:cognito-idp:eu-central-1:111122223333:userpool/${app.poolId}`;
  expect(host.demands).toEqual([
    { action: 'cognito-idp:AdminCreateUser', resource },
    { action: 'cognito-idp:AdminDeleteUser', resource },
  ]);
  await expect(host.api.send(new AdminDeleteUserCommand(of(EMAIL)))).rejects.toEqual(named('UserNotFoundException'));
});

test('ensureUser makes a person who can sign in, and mends one who can’t', async () => {
  const { sub } = await host.cognito.ensureUser(app.poolId, EMAIL, PASSWORD);
  expect(await host.cognito.ensureUser(app.poolId, EMAIL, PASSWORD)).toEqual({ sub });
  expect(codeOf(await signIn(host, app))).not.toBe('');
  await host.cognito.ensureUser(app.poolId, EMAIL, 'Another-Password-2');
  expect(codeOf(await signIn(host, app, { password: 'Another-Password-2' }))).not.toBe('');
  expect(host.mails).toEqual([]);
  await create({ Username: 'invited@example.org' });
  await host.cognito.ensureUser(app.poolId, 'invited@example.org', PASSWORD);
  expect(codeOf(await signIn(host, app, { username: 'invited@example.org' }))).not.toBe('');
});
