/**
 * The auth listener: finds pool, endpoint and method, and writes the answer. On AWS a pool's domain carries the OAuth
 * endpoints, so here too a pool without one has none; its keys are there regardless.
 */
import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Core } from './core.ts';
import { codeForm, loginPage, newPasswordForm, passwordForm } from './login/login-endpoint.ts';
import { logoutEndpoint } from './login/logout-endpoint.ts';
import { errorPage } from './login/pages.ts';
import { authorizeEndpoint } from './oauth/authorize-endpoint.ts';
import { corsHeaders, preflight } from './oauth/cors.ts';
import { isForm, json, parseCookies, readBody, type WebRequest, type WebResponse } from './oauth/http.ts';
import { openIdConfiguration } from './oauth/metadata.ts';
import { OAuthError, oauthErrorResponse } from './oauth/oauth-error.ts';
import { revokeEndpoint } from './oauth/revoke-endpoint.ts';
import { tokenEndpoint } from './oauth/token-endpoint.ts';
import { userInfoEndpoint } from './oauth/user-info-endpoint.ts';
import type { Pool } from './pool/pools.ts';

type Handler = (core: Core, pool: Pool, request: WebRequest) => WebResponse | Promise<WebResponse>;

interface Endpoint {
  readonly GET?: Handler;
  readonly POST?: Handler;
  /** Called by a browser's scripts: `registered` origins only, or any. Pages are called by none. */
  readonly cors?: 'registered' | 'any';
  readonly needsDomain: boolean;
}

/** Same for everybody, and changed only by a new pool: caches may keep it for a while. */
const publicJson =
  (read: (core: Core, pool: Pool) => unknown): Handler =>
  (core, pool) => ({
    status: 200,
    headers: { 'content-type': 'application/json', 'cache-control': 'public, max-age=60' },
    body: JSON.stringify(read(core, pool)),
  });

const ENDPOINTS: Readonly<Record<string, Endpoint>> = {
  'oauth2/authorize': { GET: authorizeEndpoint, needsDomain: true },
  'oauth2/token': { POST: tokenEndpoint, cors: 'registered', needsDomain: true },
  'oauth2/revoke': { POST: revokeEndpoint, cors: 'registered', needsDomain: true },
  'oauth2/userInfo': { GET: userInfoEndpoint, POST: userInfoEndpoint, cors: 'registered', needsDomain: true },
  login: { GET: loginPage, POST: passwordForm, needsDomain: true },
  'login/new-password': { POST: newPasswordForm, needsDomain: true },
  'login/code': { POST: codeForm, needsDomain: true },
  logout: { GET: logoutEndpoint, needsDomain: true },
  '.well-known/jwks.json': {
    GET: publicJson((core, pool) => ({ keys: [core.keys.jwk(pool.id)] })),
    cors: 'any',
    needsDomain: false,
  },
  '.well-known/openid-configuration': {
    GET: publicJson((core, pool) => openIdConfiguration(core, pool.id)),
    cors: 'any',
    needsDomain: false,
  },
};

async function handle(endpoint: Endpoint, core: Core, pool: Pool, request: WebRequest): Promise<WebResponse> {
  const handler = request.method === 'GET' || request.method === 'POST' ? endpoint[request.method] : undefined;
  if (!handler) {
    const allow = (['GET', 'POST'] as const).filter((method) => endpoint[method]).join(', ');
    return json(405, { error: 'method_not_allowed' }, { allow });
  }
  if (request.method === 'POST' && endpoint.POST !== userInfoEndpoint && !isForm(request))
    throw new OAuthError('invalid_request', 'the body must be application/x-www-form-urlencoded');
  return handler(core, pool, request);
}

async function respond(core: Core, request: IncomingMessage): Promise<WebResponse> {
  const target = `http://localhost${request.url ?? '/'}`;
  const url = new URL(URL.canParse(target) ? target : 'http://localhost/');
  const [, poolId = '', ...rest] = url.pathname.split('/');
  const path = rest.join('/');
  const pool = core.pools.find(poolId);
  const endpoint = Object.hasOwn(ENDPOINTS, path) ? ENDPOINTS[path] : undefined;
  if (!pool || !endpoint || (endpoint.needsDomain && !pool.domain)) return errorPage(404, 'There is nothing here.');
  const origin = request.headers.origin;
  const shared = endpoint.cors ? corsHeaders(core, pool, endpoint.cors, origin) : {};
  const method = request.method ?? 'GET';
  if (method === 'OPTIONS' && endpoint.cors) return preflight(endpoint, shared);
  const body = await readBody(request);
  if (body === undefined) return json(413, { error: 'invalid_request' }, { connection: 'close' });
  const headers = { 'content-type': request.headers['content-type'], authorization: request.headers.authorization };
  const cookies = parseCookies(request.headers.cookie);
  const web = { method, path, query: url.searchParams, headers, form: new URLSearchParams(body), cookies };
  try {
    const response = await handle(endpoint, core, pool, web);
    return { ...response, headers: { ...response.headers, ...shared } };
  } catch (error) {
    if (!(error instanceof OAuthError)) throw error;
    const response = oauthErrorResponse(error);
    return { ...response, headers: { ...response.headers, ...shared } };
  }
}

export function createWebHandler(core: Core, log: (message: string) => void) {
  return async (request: IncomingMessage, response: ServerResponse): Promise<void> => {
    const answer = await respond(core, request).catch((error: unknown): WebResponse => {
      log(`the auth listener failed: ${error instanceof Error ? error.message : String(error)}`);
      return errorPage(500, 'Something went wrong. Try again.');
    });
    for (const [name, value] of Object.entries(answer.headers ?? {}))
      response.setHeader(name, typeof value === 'string' ? value : [...value]);
    response.writeHead(answer.status);
    response.end(answer.body);
  };
}
