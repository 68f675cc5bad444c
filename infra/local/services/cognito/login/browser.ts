/** What a browser carries: a random name that ties sign-ins under way to it, and the session of whoever is signed in. */
import type { Core } from '../core.ts';
import type { WebRequest } from '../oauth/http.ts';
import type { Pool } from '../pool/pools.ts';
import { newBearer } from '../store/random.ts';
import type { User } from '../user/users.ts';

const BROWSER = 'cognito-browser';
const SESSION = 'cognito';
const HOUR = 3600;
const BEARER = /^[A-Za-z0-9]{44}$/;

/** Not `Secure`: the listener is plain HTTP on the loopback. The path keeps pools apart. */
const cookie = (pool: Pool, name: string, value: string, lifetime = '') =>
  `${name}=${value}; Path=/${pool.id}; HttpOnly; SameSite=Lax${lifetime}`;

export function browserOf(pool: Pool, request: WebRequest): { value: string; cookies: string[] } {
  const known = request.cookies.get(BROWSER);
  if (known && BEARER.test(known)) return { value: known, cookies: [] };
  const value = newBearer();
  return { value, cookies: [cookie(pool, BROWSER, value)] };
}

export const sessionCookie = (pool: Pool, value: string): string => cookie(pool, SESSION, value, `; Max-Age=${HOUR}`);

export const noSessionCookie = (pool: Pool): string => cookie(pool, SESSION, '', '; Max-Age=0');

/** The request as it would be from the same browser, signed out. */
export const withoutSession = (request: WebRequest): WebRequest => ({
  ...request,
  cookies: new Map([...request.cookies].filter(([name]) => name !== SESSION)),
});

export const sessionValue = (request: WebRequest): string | undefined => request.cookies.get(SESSION);

export function sessionOf(core: Core, pool: Pool, request: WebRequest): { user: User; authTime: number } | undefined {
  const value = sessionValue(request);
  const session = value ? core.grants.session(pool.id, value) : undefined;
  if (!session) return undefined;
  const user = core.users.byUsername(pool.id, session.username);
  return user?.enabled ? { user, authTime: session.authTime } : undefined;
}

export const loginUrl = (pool: Pool, login: string): string => `/${pool.id}/login?transaction=${login}`;
