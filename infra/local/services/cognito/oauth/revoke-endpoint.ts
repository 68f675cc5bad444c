/** `POST /{pool}/oauth2/revoke` (RFC 7009), and the API's RevokeToken: ends a refresh token and all that came of its sign-in. */
import type { Client } from '../client/clients.ts';
import type { Core } from '../core.ts';
import type { Pool } from '../pool/pools.ts';
import { authenticateClient } from './authenticate-client.ts';
import type { WebRequest, WebResponse } from './http.ts';
import { OAuthError, required } from './oauth-error.ts';

/** An unknown token is no error; one of another client is, and so is a JWT: only refresh tokens can be revoked. */
export function revoke({ grants }: Core, client: Client, token: string): void {
  if (!client.settings.EnableTokenRevocation)
    throw new OAuthError('invalid_request', 'token revocation is not enabled for this client');
  if (token.split('.').length === 3) throw new OAuthError('unsupported_token_type');
  const found = grants.refreshToken(token);
  if (!found) return;
  if (found.client !== client.id) throw new OAuthError('unauthorized_client');
  grants.revokeOrigin(found.origin_jti);
}

export function revokeEndpoint(core: Core, pool: Pool, request: WebRequest): WebResponse {
  const client = authenticateClient(core.clients, pool.id, request);
  revoke(core, client, required(request.form, 'token'));
  return { status: 200, headers: { 'cache-control': 'no-store', 'content-length': '0' } };
}
