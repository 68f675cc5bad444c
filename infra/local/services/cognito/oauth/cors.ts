/**
 * Browser applications call the token endpoint from the origins of their registered callback addresses. (AWS lets every
 * origin; an application that works here works there.) No credentials: the endpoints read no cookie.
 */
import type { Core } from '../core.ts';
import type { Pool } from '../pool/pools.ts';
import type { WebResponse } from './http.ts';

const originOf = (uri: string) => (URL.canParse(uri) ? new URL(uri).origin : undefined);

export function corsHeaders(
  { clients }: Core,
  pool: Pool,
  allowed: 'registered' | 'any',
  origin: string | undefined,
): Record<string, string> {
  if (allowed === 'any') return { 'access-control-allow-origin': '*' };
  const registered =
    origin !== undefined &&
    origin !== 'null' &&
    clients.list(pool.id).some((client) => client.settings.CallbackURLs.some((uri) => originOf(uri) === origin));
  return registered ? { 'access-control-allow-origin': origin, vary: 'origin' } : { vary: 'origin' };
}

export const preflight = (
  endpoint: { readonly GET?: unknown; readonly POST?: unknown },
  shared: Readonly<Record<string, string>>,
): WebResponse => ({
  status: 204,
  headers: {
    ...shared,
    'access-control-allow-methods': ['GET', 'POST'].filter((method) => method in endpoint).join(', '),
    'access-control-allow-headers': 'authorization, content-type',
    'access-control-max-age': '600',
  },
});
