/** `/{pool}/login`: shows the step that a sign-in has reached. `/login?client_id=…` begins one, as at Cognito. */
import type { Core } from '../core.ts';
import { authorizeEndpoint } from '../oauth/authorize-endpoint.ts';
import { redirect, type WebRequest, type WebResponse } from '../oauth/http.ts';
import type { Pool } from '../pool/pools.ts';
import { browserOf, loginUrl } from './browser.ts';
import type { Login } from './logins.ts';
import { enrolTotpPage, expiredPage, newPasswordPage, type Problem, passwordPage, totpPage } from './pages.ts';
import { newPasswordStep, passwordStep, type StepResult, totpStep } from './steps.ts';

function showStep(core: Core, pool: Pool, login: Login, problem?: Problem): WebResponse {
  const user = login.username === undefined ? undefined : core.users.byUsername(pool.id, login.username);
  const name = user?.attributes.email ?? user?.username ?? '';
  switch (login.step) {
    case 'password':
      return passwordPage(pool, login, problem);
    case 'new-password':
      return newPasswordPage(pool, login, name, problem);
    case 'enrol-totp':
      return enrolTotpPage(pool, login, name, problem);
    case 'totp':
      return totpPage(pool, login, problem);
  }
}

const findLogin = (core: Core, pool: Pool, request: WebRequest, id: string | null): Login | undefined =>
  id ? core.logins.find(pool.id, id, browserOf(pool, request).value) : undefined;

export function loginPage(core: Core, pool: Pool, request: WebRequest): WebResponse {
  if (request.query.has('client_id')) return authorizeEndpoint(core, pool, request);
  const login = findLogin(core, pool, request, request.query.get('transaction'));
  return login ? showStep(core, pool, login) : expiredPage();
}

type Step = (core: Core, pool: Pool, login: Login, form: URLSearchParams) => Promise<StepResult> | StepResult;

/** A form of a step that is over (the back button) shows the present one. */
function formEndpoint(steps: readonly Login['step'][], run: Step) {
  return async (core: Core, pool: Pool, request: WebRequest): Promise<WebResponse> => {
    const login = findLogin(core, pool, request, request.form.get('transaction'));
    if (!login) return expiredPage();
    if (!steps.includes(login.step)) return redirect(303, loginUrl(pool, login.id));
    const result = await run(core, pool, login, request.form);
    switch (result.kind) {
      case 'stay':
        return showStep(core, pool, login, result.problem);
      case 'next':
        return redirect(303, loginUrl(pool, login.id));
      case 'done':
        return redirect(303, result.location, result.cookies);
      case 'expired':
        return expiredPage();
    }
  };
}

export const passwordForm = formEndpoint(['password'], passwordStep);
export const newPasswordForm = formEndpoint(['new-password'], newPasswordStep);
export const codeForm = formEndpoint(['totp', 'enrol-totp'], totpStep);
