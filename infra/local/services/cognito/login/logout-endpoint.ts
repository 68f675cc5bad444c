/** `GET /{pool}/logout`: ends the browser's session, then goes to a registered sign-out address or to a new sign-in. */
import type { Core } from '../core.ts';
import { authorizeEndpoint } from '../oauth/authorize-endpoint.ts';
import { redirect, type WebRequest, type WebResponse } from '../oauth/http.ts';
import type { Pool } from '../pool/pools.ts';
import { noSessionCookie, sessionValue, withoutSession } from './browser.ts';
import { errorPage } from './pages.ts';

export function logoutEndpoint(core: Core, pool: Pool, request: WebRequest): WebResponse {
  const { query } = request;
  const client = core.clients.find(query.get('client_id') ?? '');
  if (client?.pool !== pool.id) return errorPage(400, 'This application is not known here (client_id).');
  const logoutUri = query.get('logout_uri');
  if (!logoutUri && !query.has('redirect_uri')) return errorPage(400, 'logout_uri or redirect_uri is missing.');
  if (logoutUri && !client.settings.LogoutURLs.includes(logoutUri))
    return errorPage(400, 'The address to return to is not one of this application (logout_uri).');
  const session = sessionValue(request);
  if (session) core.grants.endSession(session);
  if (logoutUri) return redirect(302, logoutUri, [noSessionCookie(pool)]);
  return authorizeEndpoint(core, pool, withoutSession(request));
}
