/** `GET or POST /{pool}/oauth2/userInfo`: who an access token with the scope `openid` speaks of. */
import * as z from 'zod';
import type { Core } from '../core.ts';
import type { Pool } from '../pool/pools.ts';
import { visibleAttributes } from '../token/tokens.ts';
import { json, type WebRequest, type WebResponse } from './http.ts';
import { bearer, OAuthError } from './oauth-error.ts';

const accessClaims = z.object({
  token_use: z.literal('access'),
  client_id: z.string(),
  username: z.string(),
  scope: z.string(),
  origin_jti: z.string(),
  exp: z.number(),
});

export function userInfoEndpoint(
  { keys, clock, users, clients, grants }: Core,
  pool: Pool,
  request: WebRequest,
): WebResponse {
  const token = bearer(request);
  const claims = accessClaims.safeParse(token && keys.verify(pool.id, token)).data;
  const live = claims && claims.exp * 1000 > clock.now() && grants.isLive(claims.origin_jti);
  const user = live ? users.byUsername(pool.id, claims.username) : undefined;
  if (!claims || !user?.enabled) throw new OAuthError('invalid_token', undefined, 401);
  if (!claims.scope.split(' ').includes('openid')) throw new OAuthError('insufficient_scope', undefined, 403);
  const attributes = visibleAttributes(user, clients.find(claims.client_id), claims.scope);
  const spelled = Object.entries(attributes).map(([name, value]) => [name, String(value)]);
  return json(200, { ...Object.fromEntries(spelled), username: user.username });
}
