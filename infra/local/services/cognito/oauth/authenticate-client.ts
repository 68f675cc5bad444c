/** Which client calls an OAuth endpoint: `client_secret_basic`, `client_secret_post`, or a public client by its id. */
import type { Client, Clients } from '../client/clients.ts';
import type { WebRequest } from './http.ts';
import { OAuthError, required, single } from './oauth-error.ts';

const invalidClient = () => new OAuthError('invalid_client');
/** RFC 6749, section 2.3.1: both parts are form-encoded before they are joined. */
const formDecode = (text: string) => decodeURIComponent(text.replaceAll('+', ' '));

function fromBasic(header: string): { id: string; secret: string } {
  const encoded = /^Basic +([A-Za-z0-9+/]+=*)$/i.exec(header)?.[1];
  const text = encoded ? Buffer.from(encoded, 'base64').toString('utf8') : '';
  const colon = text.indexOf(':');
  if (colon < 1) throw invalidClient();
  try {
    return { id: formDecode(text.slice(0, colon)), secret: formDecode(text.slice(colon + 1)) };
  } catch {
    throw invalidClient();
  }
}

export function authenticateClient(clients: Clients, pool: string, request: WebRequest): Client {
  const header = request.headers.authorization;
  const basic = header === undefined ? undefined : fromBasic(header);
  const bodySecret = single(request.form, 'client_secret');
  const bodyId = basic ? single(request.form, 'client_id') : required(request.form, 'client_id');
  if (basic && (bodySecret !== undefined || (bodyId !== undefined && bodyId !== basic.id)))
    throw new OAuthError('invalid_request', 'more than one client authentication');
  const client = clients.find(basic?.id ?? bodyId ?? '');
  if (client?.pool !== pool || !clients.accepts(client.id, basic ? basic.secret : bodySecret)) throw invalidClient();
  return client;
}
