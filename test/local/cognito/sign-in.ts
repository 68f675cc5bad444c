/** The path of a person through the login page to tokens, in the words of the tests. */
import { type Browser, newBrowser, pkce, type Shown } from '../../support/browser.ts';
import { CALLBACK, type Host, PASSWORD } from './harness.ts';
import { type Deployed, scope } from './template.ts';

export const EMAIL = 'ada@example.org';
export const SCOPE = `openid email ${scope('devices.read')}`;

export interface Tokens {
  readonly access_token: string;
  readonly id_token: string;
  readonly refresh_token: string;
  readonly expires_in: number;
}

export const authorizeUrl = (host: Host, app: Deployed, parameters: Record<string, string> = {}): string =>
  `${host.cognito.describePool(app.poolId).authorizeUrl}?${new URLSearchParams({
    response_type: 'code',
    client_id: app.publicClient,
    redirect_uri: CALLBACK,
    scope: SCOPE,
    state: 'the-state',
    ...parameters,
  })}`;

/** Opens the login page and signs in; answers where the browser ends. */
export async function signIn(
  host: Host,
  app: Deployed,
  { browser = newBrowser(), parameters = {}, username = EMAIL, password = PASSWORD } = {} as {
    browser?: Browser;
    parameters?: Record<string, string>;
    username?: string;
    password?: string;
  },
): Promise<Shown> {
  const page = await browser.open(authorizeUrl(host, app, parameters));
  return browser.submit(page, { username, password });
}

export const codeOf = (shown: Shown): string => new URL(shown.location ?? '').searchParams.get('code') ?? '';

export interface Answer {
  readonly status: number;
  readonly body: Record<string, unknown>;
  readonly headers: Headers;
}

export async function post(
  url: string,
  fields: Record<string, string>,
  headers: Record<string, string> = {},
): Promise<Answer> {
  const response = await fetch(url, { method: 'POST', body: new URLSearchParams(fields), headers });
  const text = await response.text();
  return { status: response.status, body: text ? JSON.parse(text) : {}, headers: response.headers };
}

export const redeem = (host: Host, app: Deployed, code: string, verifier: string, more: Record<string, string> = {}) =>
  post(host.cognito.describePool(app.poolId).tokenUrl, {
    grant_type: 'authorization_code',
    client_id: app.publicClient,
    code,
    redirect_uri: CALLBACK,
    code_verifier: verifier,
    ...more,
  });

export const refresh = (host: Host, app: Deployed, token: string, more: Record<string, string> = {}) =>
  post(host.cognito.describePool(app.poolId).tokenUrl, {
    grant_type: 'refresh_token',
    client_id: app.publicClient,
    refresh_token: token,
    ...more,
  });

export async function getTokens(host: Host, app: Deployed): Promise<Tokens> {
  const { verifier, challenge } = pkce();
  const parameters = { code_challenge: challenge, code_challenge_method: 'S256' };
  const shown = await signIn(host, app, { parameters });
  const { status, body } = await redeem(host, app, codeOf(shown), verifier);
  if (status !== 200) throw new Error(`no tokens: ${JSON.stringify(body)}`);
  return body as unknown as Tokens;
}

export const claimsOf = (token: string): Record<string, unknown> =>
  JSON.parse(Buffer.from(token.split('.')[1] ?? '', 'base64url').toString());
