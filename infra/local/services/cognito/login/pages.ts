/** The pages of a sign-in. Every one works without a script, with a keyboard and at 360 pixels. */
import type { WebResponse } from '../oauth/http.ts';
import type { Pool } from '../pool/pools.ts';
import { policyInWords } from '../user/passwords.ts';
import { type Html, html, page } from './html.ts';
import type { Login } from './logins.ts';
import { totpUri } from './totp.ts';

/** A form's outcome that keeps the person on its page. */
export interface Problem {
  readonly status: number;
  readonly text: string;
  /** What was typed as the user's name. */
  readonly name?: string;
}

const alert = (problem: Problem | undefined) =>
  problem ? html`<p role="alert" id="problem">${problem.text}</p>` : html``;
const transaction = (login: Login) => html`<input type="hidden" name="transaction" value="${login.id}">`;

export const errorPage = (status: number, text: string): WebResponse =>
  page(status, 'This did not work', html`<p role="alert">${text}</p>`);

export const expiredPage = (): WebResponse =>
  errorPage(400, 'This sign-in has ended or expired. Go back to the application and sign in again.');

export function passwordPage(pool: Pool, login: Login, problem?: Problem): WebResponse {
  const byEmail = pool.settings.UsernameAttributes.includes('email');
  const name = problem?.name ?? login.request.hint ?? '';
  const content = html`${alert(problem)}
<form method="post" action="/${pool.id}/login">
${transaction(login)}
<label for="username">${byEmail ? 'E-mail address' : 'User name'}</label>
<input id="username" name="username" type="${byEmail ? 'email' : 'text'}" value="${name}" autocomplete="username" autocapitalize="none" spellcheck="false" required autofocus>
<label for="password">Password</label>
<input id="password" name="password" type="password" autocomplete="current-password" required>
<button type="submit">Sign in</button>
</form>`;
  return page(problem?.status ?? 200, 'Sign in', content, login.request.redirectUri);
}

export function newPasswordPage(pool: Pool, login: Login, name: string, problem?: Problem): WebResponse {
  const content = html`${alert(problem)}
<p id="policy">Your password was temporary. ${policyInWords(pool.settings.Policies.PasswordPolicy)}</p>
<form method="post" action="/${pool.id}/login/new-password">
${transaction(login)}
<input type="hidden" name="username" value="${name}" autocomplete="username">
<label for="password">New password</label>
<input id="password" name="password" type="password" autocomplete="new-password" aria-describedby="policy" required autofocus>
<label for="again">New password, again</label>
<input id="again" name="again" type="password" autocomplete="new-password" required>
<button type="submit">Set password</button>
</form>`;
  return page(problem?.status ?? 200, 'Choose a password', content, login.request.redirectUri);
}

function codeForm(pool: Pool, login: Login): Html {
  return html`<form method="post" action="/${pool.id}/login/code">
${transaction(login)}
<label for="code">Six-digit code</label>
<input id="code" name="code" inputmode="numeric" pattern="[0-9]{6}" maxlength="6" autocomplete="one-time-code" required autofocus>
<button type="submit">Continue</button>
</form>`;
}

export function totpPage(pool: Pool, login: Login, problem?: Problem): WebResponse {
  const content = html`${alert(problem)}
<p>Enter the code that your authenticator app shows.</p>
${codeForm(pool, login)}`;
  return page(problem?.status ?? 200, 'Second step', content, login.request.redirectUri);
}

export function enrolTotpPage(pool: Pool, login: Login, name: string, problem?: Problem): WebResponse {
  const secret = login.totp_secret ?? '';
  const content = html`${alert(problem)}
<p>Add this key to an authenticator app, or <a href="${totpUri(secret, pool.settings.UserPoolName ?? pool.id, name)}">open it there</a>:</p>
<p><code id="key">${secret}</code></p>
<p>Then enter the code that it shows.</p>
${codeForm(pool, login)}`;
  return page(problem?.status ?? 200, 'Set up a second step', content, login.request.redirectUri);
}
