/** What each form of a sign-in does, from the password to the code that the application gets. */
import { AwsError } from '../../../contract.ts';
import type { Core } from '../core.ts';
import { sendCode } from '../oauth/authorize-endpoint.ts';
import type { Pool } from '../pool/pools.ts';
import { foldName, type User } from '../user/users.ts';
import { sessionCookie } from './browser.ts';
import type { Login, Step } from './logins.ts';
import type { Problem } from './pages.ts';
import { matchingStep, newTotpSecret } from './totp.ts';

export type StepResult =
  | { readonly kind: 'stay'; readonly problem: Problem }
  | { readonly kind: 'next' }
  | { readonly kind: 'done'; readonly location: string; readonly cookies: readonly string[] }
  | { readonly kind: 'expired' };

const stay = (status: number, text: string, name?: string): StepResult => ({
  kind: 'stay',
  problem: { status, text, ...(name === undefined ? {} : { name }) },
});
const TOO_MANY = 'Too many attempts. Wait a moment, then try again.';

function complete(core: Core, pool: Pool, login: Login, user: User): StepResult {
  const client = core.clients.find(login.client);
  if (!client || !core.logins.finish(login)) return { kind: 'expired' };
  const session = core.grants.startSession(user);
  const location = sendCode(core, client, user, login.request, core.clock.now());
  return { kind: 'done', location, cookies: [sessionCookie(pool, session)] };
}

function advance(core: Core, login: Login, user: User, step: Step, totpSecret?: string): StepResult {
  const minutes = core.clients.find(login.client)?.settings.AuthSessionValidity ?? 3;
  const secret = totpSecret === undefined ? {} : { totpSecret };
  core.logins.advance(login, { step, username: user.username, minutes, ...secret });
  return { kind: 'next' };
}

/** The password is right; a second factor is asked of whoever has one, and of everybody where the pool says ON. */
function afterPassword(core: Core, pool: Pool, login: Login, user: User): StepResult {
  const mfa = pool.settings.MfaConfiguration;
  if (mfa !== 'OFF' && user.totpSecret) return advance(core, login, user, 'totp');
  if (mfa === 'ON') return advance(core, login, user, 'enrol-totp', newTotpSecret());
  return complete(core, pool, login, user);
}

export async function passwordStep(core: Core, pool: Pool, login: Login, form: URLSearchParams): Promise<StepResult> {
  const name = (form.get('username') ?? '').trim();
  const candidate = core.users.find(pool, name);
  const attempt = candidate?.username ?? foldName(pool, name);
  if (!core.attempts.admit(pool.id, attempt)) return stay(429, TOO_MANY, name);
  const matches = await core.passwords.match(form.get('password') ?? '', candidate?.passwordHash);
  // Comparing takes a while: an administrator may have disabled, deleted or reset the user meanwhile.
  const user = candidate && core.users.byUsername(pool.id, candidate.username);
  if (!matches || !user?.enabled || user.passwordHash !== candidate?.passwordHash)
    return stay(400, 'Incorrect user name or password.', name);
  core.attempts.succeeded(pool.id, attempt);
  if (user.status === 'CONFIRMED') return afterPassword(core, pool, login, user);
  if ((user.passwordExpiresAt ?? 0) <= core.clock.now())
    return stay(400, 'Your temporary password has expired. Ask an administrator for a new invitation.', name);
  return advance(core, login, user, 'new-password');
}

const userOf = (core: Core, pool: Pool, login: Login): User | undefined => {
  const user = login.username === undefined ? undefined : core.users.byUsername(pool.id, login.username);
  return user?.enabled ? user : undefined;
};

export async function newPasswordStep(
  core: Core,
  pool: Pool,
  login: Login,
  form: URLSearchParams,
): Promise<StepResult> {
  const user = userOf(core, pool, login);
  if (user?.status !== 'FORCE_CHANGE_PASSWORD') return { kind: 'expired' };
  const password = form.get('password') ?? '';
  if (password !== form.get('again')) return stay(400, 'The two passwords differ.');
  try {
    await core.manage.setPassword(pool, user, password, true);
  } catch (error) {
    if (!(error instanceof AwsError)) throw error;
    return stay(400, `${error.message}.`);
  }
  const changed = userOf(core, pool, login);
  return changed ? afterPassword(core, pool, login, changed) : { kind: 'expired' };
}

export function totpStep(core: Core, pool: Pool, login: Login, form: URLSearchParams): StepResult {
  const user = userOf(core, pool, login);
  const enrolling = login.step === 'enrol-totp';
  const secret = enrolling ? login.totp_secret : user?.totpSecret;
  if (!user || !secret) return { kind: 'expired' };
  const attempt = `${user.username} second step`;
  if (!core.attempts.admit(pool.id, attempt)) return stay(429, TOO_MANY);
  const step = matchingStep(secret, form.get('code') ?? '', core.clock.now());
  if (step === undefined || !core.users.useTotpStep(user, step)) return stay(400, 'That code is not right.');
  core.attempts.succeeded(pool.id, attempt);
  if (enrolling) core.users.setTotp(user, secret);
  return complete(core, pool, login, user);
}
