/** `POST /{pool}/oauth2/token`: the three grants, with Cognito's error codes. */
import { createHash } from 'node:crypto';
import { STANDARD_SCOPES } from '../client/client-settings.ts';
import type { Client } from '../client/clients.ts';
import type { Core } from '../core.ts';
import type { Pool } from '../pool/pools.ts';
import { sameSecret } from '../store/random.ts';
import type { RefreshToken } from '../token/grants.ts';
import type { TokenResponse } from '../token/tokens.ts';
import { authenticateClient } from './authenticate-client.ts';
import { json, type WebRequest, type WebResponse } from './http.ts';
import { OAuthError, required, single } from './oauth-error.ts';

type Grant = (core: Core, client: Client, form: URLSearchParams) => TokenResponse;
const invalidGrant = () => new OAuthError('invalid_grant');

function requireFlow(client: Client, flow: 'code' | 'client_credentials'): void {
  const { AllowedOAuthFlowsUserPoolClient: on, AllowedOAuthFlows: flows } = client.settings;
  if (!on || !flows.includes(flow)) throw new OAuthError('unauthorized_client');
}

/** Verifier and challenge come in pairs: a verifier without a challenge is as wrong as the reverse. */
function checkVerifier(challenge: string | undefined, verifier: string | undefined): void {
  if (challenge === undefined && verifier === undefined) return;
  const proof = createHash('sha256')
    .update(verifier ?? '')
    .digest('base64url');
  if (challenge === undefined || verifier === undefined || !sameSecret(proof, challenge)) throw invalidGrant();
}

const authorizationCode: Grant = ({ grants, users, tokens }, client, form) => {
  requireFlow(client, 'code');
  const redirectUri = required(form, 'redirect_uri');
  const code = grants.takeCode(required(form, 'code'), client.id);
  if (!code || code.redirect_uri !== redirectUri) throw invalidGrant();
  checkVerifier(code.challenge, single(form, 'code_verifier'));
  const user = users.byUsername(client.pool, code.username);
  if (!user?.enabled) throw invalidGrant();
  return tokens.forSignIn(client, user, { scope: code.scope, authTime: code.auth_time, nonce: code.nonce });
};

/** The same scope as at the sign-in, or part of it. */
function narrowed(token: RefreshToken, wanted: string | undefined): string {
  const granted = token.scope.split(' ');
  if (wanted?.split(' ').some((scope) => !granted.includes(scope))) throw new OAuthError('invalid_scope');
  return wanted ?? token.scope;
}

const refreshToken: Grant = ({ grants, users, tokens }, client, form) => {
  requireFlow(client, 'code');
  const token = grants.refreshToken(required(form, 'refresh_token'));
  const user = token && users.byUsername(token.pool, token.username);
  if (token?.client !== client.id || !user?.enabled) throw invalidGrant();
  const response = tokens.forUser(client, user, {
    scope: narrowed(token, single(form, 'scope')),
    authTime: token.auth_time,
    originJti: token.origin_jti,
  });
  const rotation = client.settings.RefreshTokenRotation;
  if (rotation?.Feature !== 'ENABLED') return response;
  return { ...response, refresh_token: grants.rotate(token, rotation.RetryGracePeriodSeconds) };
};

/** Programs get scopes of resource servers only: the standard ones speak of a person. */
const clientCredentials: Grant = ({ tokens }, client, form) => {
  requireFlow(client, 'client_credentials');
  const allowed = client.settings.AllowedOAuthScopes.filter((scope) => !STANDARD_SCOPES.includes(scope));
  const wanted = single(form, 'scope')?.split(' ') ?? allowed;
  if (wanted.some((scope) => !allowed.includes(scope))) throw new OAuthError('invalid_scope');
  return tokens.forClient(client, [...new Set(wanted)].join(' '));
};

const GRANTS: Readonly<Record<string, Grant>> = {
  authorization_code: authorizationCode,
  refresh_token: refreshToken,
  client_credentials: clientCredentials,
};

export function tokenEndpoint(core: Core, pool: Pool, request: WebRequest): WebResponse {
  const type = required(request.form, 'grant_type');
  const client = authenticateClient(core.clients, pool.id, request);
  const grant = Object.hasOwn(GRANTS, type) ? GRANTS[type] : undefined;
  if (!grant) throw new OAuthError('unsupported_grant_type');
  return json(200, grant(core, client, request.form));
}
