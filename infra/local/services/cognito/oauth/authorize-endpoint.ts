/**
 * `GET /{pool}/oauth2/authorize`: checks the request, then sends the browser to the login page, or straight back if it is
 * signed in. Until client and redirect address are known to belong together an error is a page, never a redirect.
 */
import { STANDARD_SCOPES } from '../client/client-settings.ts';
import type { Client } from '../client/clients.ts';
import type { Core } from '../core.ts';
import { browserOf, loginUrl, sessionOf } from '../login/browser.ts';
import type { AuthorizationRequest } from '../login/logins.ts';
import { errorPage } from '../login/pages.ts';
import type { Pool } from '../pool/pools.ts';
import type { User } from '../user/users.ts';
import { redirect, type WebRequest, type WebResponse } from './http.ts';
import { OAuthError, required, single } from './oauth-error.ts';

const CHALLENGE = /^[\w-]{43}$/;

function withParameters(uri: string, parameters: Readonly<Record<string, string | undefined>>): string {
  const url = new URL(uri);
  for (const [name, value] of Object.entries(parameters)) if (value !== undefined) url.searchParams.set(name, value);
  return url.href;
}

function requestedScope(core: Core, client: Client, wanted: string | undefined): string {
  const allowed = client.settings.AllowedOAuthScopes;
  const known = new Set([...STANDARD_SCOPES, ...core.pools.customScopes(client.pool)]);
  const scopes = [...new Set(wanted?.split(' ').filter(Boolean) ?? allowed)];
  const valid = scopes.length > 0 && scopes.every((scope) => allowed.includes(scope) && known.has(scope));
  if (!valid) throw new OAuthError('invalid_request', 'invalid_scope');
  return scopes.join(' ');
}

function challengeOf(query: URLSearchParams): string | undefined {
  const challenge = single(query, 'code_challenge');
  const method = single(query, 'code_challenge_method');
  if (challenge === undefined && method === undefined) return undefined;
  if (method !== 'S256') throw new OAuthError('invalid_request', 'code_challenge_method must be S256');
  if (!challenge || !CHALLENGE.test(challenge)) throw new OAuthError('invalid_request', 'code_challenge is not valid');
  return challenge;
}

function readRequest(core: Core, client: Client, redirectUri: string, query: URLSearchParams): AuthorizationRequest {
  const { AllowedOAuthFlowsUserPoolClient: on, AllowedOAuthFlows: flows } = client.settings;
  const type = required(query, 'response_type');
  if (type !== 'code' && type !== 'token') throw new OAuthError('invalid_request', 'response_type is not valid');
  if (type !== 'code' || !on || !flows.includes('code')) throw new OAuthError('unauthorized_client');
  return {
    redirectUri,
    scope: requestedScope(core, client, single(query, 'scope')),
    state: single(query, 'state'),
    nonce: single(query, 'nonce'),
    challenge: challengeOf(query),
    hint: single(query, 'login_hint'),
  };
}

/** Ends a sign-in: the browser goes back to the application with a code. */
export function sendCode(
  core: Core,
  client: Client,
  user: User,
  asked: AuthorizationRequest,
  authTime: number,
): string {
  const { redirectUri, scope, challenge, nonce, state } = asked;
  const code = core.grants.issueCode({ client: client.id, user, redirectUri, scope, challenge, nonce, authTime });
  return withParameters(redirectUri, { code, state });
}

function answer(core: Core, pool: Pool, client: Client, redirectUri: string, request: WebRequest): WebResponse {
  const asked = readRequest(core, client, redirectUri, request.query);
  const prompt = single(request.query, 'prompt');
  const session = prompt === 'login' ? undefined : sessionOf(core, pool, request);
  if (session) return redirect(302, sendCode(core, client, session.user, asked, session.authTime));
  if (prompt === 'none') throw new OAuthError('login_required');
  if (pool.managedLogin && !core.pools.isBranded(pool.id, client.id))
    return errorPage(403, 'Login pages unavailable. Please contact an administrator.');
  const browser = browserOf(pool, request);
  const login = core.logins.start({ browser: browser.value, pool: pool.id, client, request: asked });
  return redirect(302, loginUrl(pool, login), browser.cookies);
}

export function authorizeEndpoint(core: Core, pool: Pool, request: WebRequest): WebResponse {
  const ids = request.query.getAll('client_id');
  const uris = request.query.getAll('redirect_uri');
  const client = ids.length === 1 ? core.clients.find(ids[0]!) : undefined;
  if (client?.pool !== pool.id) return errorPage(400, 'This application is not known here (client_id).');
  const redirectUri = uris[0] ?? client.settings.DefaultRedirectURI;
  if (uris.length > 1 || !redirectUri || !client.settings.CallbackURLs.includes(redirectUri))
    return errorPage(400, 'The address to return to is not one of this application (redirect_mismatch).');
  try {
    return answer(core, pool, client, redirectUri, request);
  } catch (error) {
    if (!(error instanceof OAuthError)) throw error;
    const states = request.query.getAll('state');
    const description = error.message === error.code ? undefined : error.message;
    const state = states.length === 1 ? states[0] : undefined;
    return redirect(302, withParameters(redirectUri, { error_description: description, state, error: error.code }));
  }
}
