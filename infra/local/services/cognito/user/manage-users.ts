/** What an administrator does with people: create and invite, disable, sign out everywhere, set a password, delete. */
import { randomUUID } from 'node:crypto';
import { AwsError, type Clock } from '../../../contract.ts';
import { invalidParameter } from '../errors.ts';
import type { Pool } from '../pool/pools.ts';
import type { Grants } from '../token/grants.ts';
import { type AttributeValue, isEmail, readAttributes } from './attributes.ts';
import { checkPassword, type Passwords, temporaryPassword } from './passwords.ts';
import { foldName, type TemporaryPassword, type User, type Users } from './users.ts';

const DAY = 86_400_000;

export interface Mail {
  readonly to: string;
  readonly subject: string;
  readonly text: string;
}

export interface NewUser {
  readonly name: string;
  readonly attributes: readonly AttributeValue[];
  readonly temporaryPassword?: string | undefined;
  readonly messageAction?: 'RESEND' | 'SUPPRESS' | undefined;
  /** Cognito's default is SMS, which the laptop doesn't send. */
  readonly deliveryMediums?: readonly string[] | undefined;
}

export interface ManageUsersDeps {
  readonly clock: Clock;
  readonly users: Users;
  readonly grants: Grants;
  readonly passwords: Passwords;
  sendMail(mail: Mail): Promise<void>;
  log(message: string): void;
}

export type ManageUsers = ReturnType<typeof manageUsers>;

export function manageUsers({ clock, users, grants, passwords, sendMail, log }: ManageUsersDeps) {
  const temporary = async (pool: Pool, password: string): Promise<TemporaryPassword> => {
    const days = pool.settings.Policies.PasswordPolicy.TemporaryPasswordValidityDays;
    return { hash: await passwords.hash(password), expiresAt: clock.now() + days * DAY };
  };
  const setTemporaryPassword = async (pool: Pool, user: User, password: string) => {
    const { hash, expiresAt } = await temporary(pool, password);
    users.setPassword(user, hash, expiresAt);
  };

  /** Words are put in by splitting, not by a replacement pattern: a password may hold `$&`. */
  async function invite(pool: Pool, user: User, password: string, mediums: readonly string[]): Promise<void> {
    const to = user.attributes.email;
    if (!mediums.includes('EMAIL') || !to)
      return log(`user pool ${pool.id}: no invitation is sent, its delivery medium is not EMAIL`);
    const template = pool.settings.AdminCreateUserConfig.InviteMessageTemplate;
    const name = pool.settings.UsernameAttributes.includes('email') ? to : user.username;
    const text = template.EmailMessage.split('{username}').join(name).split('{####}').join(password);
    try {
      await sendMail({ to, subject: template.EmailSubject, text });
    } catch (cause) {
      log(`user pool ${pool.id}: an invitation could not be sent: ${cause instanceof Error ? cause.message : cause}`);
      throw new AwsError('CodeDeliveryFailureException', 'The invitation could not be delivered.');
    }
  }

  function insert(pool: Pool, input: NewUser, password: TemporaryPassword): User {
    const byEmail = pool.settings.UsernameAttributes.includes('email');
    if (byEmail && !isEmail(input.name)) throw invalidParameter('Username should be an email.');
    if (users.find(pool, input.name)) throw new AwsError('UsernameExistsException', 'User account already exists');
    const sub = randomUUID();
    const attributes = readAttributes(pool, [
      ...input.attributes,
      ...(byEmail ? [{ Name: 'email', Value: input.name }] : []),
    ]);
    return users.insert(pool, byEmail ? sub : foldName(pool, input.name), { ...attributes, sub }, password);
  }

  async function resend(pool: Pool, input: NewUser, password: string): Promise<User> {
    const user = users.get(pool, input.name);
    if (user.status !== 'FORCE_CHANGE_PASSWORD')
      throw new AwsError(
        'UnsupportedUserStateException',
        `Resend not possible. ${input.name} status is not FORCE_CHANGE_PASSWORD`,
      );
    await setTemporaryPassword(pool, user, password);
    await invite(pool, user, password, input.deliveryMediums ?? ['SMS']);
    return users.get(pool, user.username);
  }

  async function create(pool: Pool, input: NewUser): Promise<User> {
    const policy = pool.settings.Policies.PasswordPolicy;
    const password = input.temporaryPassword ?? temporaryPassword(policy);
    checkPassword(policy, password);
    if (input.messageAction === 'RESEND') return resend(pool, input, password);
    const user = insert(pool, input, await temporary(pool, password));
    try {
      if (input.messageAction !== 'SUPPRESS') await invite(pool, user, password, input.deliveryMediums ?? ['SMS']);
    } catch (error) {
      users.remove(user);
      throw error;
    }
    return users.get(pool, user.username);
  }

  async function setPassword(pool: Pool, user: User, password: string, permanent: boolean): Promise<void> {
    checkPassword(pool.settings.Policies.PasswordPolicy, password);
    if (!permanent) return setTemporaryPassword(pool, user, password);
    users.setPassword(user, await passwords.hash(password), undefined);
  }

  return {
    create,
    setPassword,
    disable(user: User): void {
      users.setEnabled(user, false);
      grants.revokeUser(user);
      grants.endSessions(user);
    },
    /** As in Cognito the login page's own cookie lives on; tokens and codes don't. */
    signOut: (user: User): void => grants.revokeUser(user),
    updateAttributes(pool: Pool, user: User, given: readonly AttributeValue[]): void {
      const attributes = readAttributes(pool, given, user.attributes);
      const other = attributes.email === undefined ? undefined : users.find(pool, attributes.email);
      if (other && other.username !== user.username)
        throw new AwsError('AliasExistsException', 'An account with the email already exists.');
      users.setAttributes(pool, user, attributes);
    },
    /** Finds or creates a person who can sign in with exactly this password; sends no mail. */
    async ensure(pool: Pool, email: string, password: string): Promise<User> {
      const attributes = [
        { Name: 'email', Value: email },
        { Name: 'email_verified', Value: 'true' },
      ];
      const user =
        users.find(pool, email) ??
        (await create(pool, { name: email, attributes, temporaryPassword: password, messageAction: 'SUPPRESS' }));
      const current = user.status === 'CONFIRMED' && (await passwords.match(password, user.passwordHash));
      if (!current) await setPassword(pool, user, password, true);
      return users.get(pool, user.username);
    },
  };
}
