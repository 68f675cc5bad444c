/** A web request and its answer as plain values: endpoints are functions of one to the other. */
import type { IncomingMessage } from 'node:http';

const MAX_BODY = 64 * 1024;

export interface WebRequest {
  readonly method: string;
  /** Below the pool: `oauth2/token`. */
  readonly path: string;
  readonly query: URLSearchParams;
  readonly headers: Readonly<Record<string, string | undefined>>;
  readonly form: URLSearchParams;
  readonly cookies: ReadonlyMap<string, string>;
}

export interface WebResponse {
  readonly status: number;
  readonly headers?: Readonly<Record<string, string | readonly string[]>>;
  readonly body?: string;
}

const FORM = /^application\/x-www-form-urlencoded\s*(;|$)/i;
export const isForm = (request: WebRequest): boolean => FORM.test(request.headers['content-type'] ?? '');

const NO_STORE = { 'cache-control': 'no-store', pragma: 'no-cache' };

export const json = (status: number, body: unknown, headers: Record<string, string> = {}): WebResponse => ({
  status,
  headers: { 'content-type': 'application/json;charset=UTF-8', ...NO_STORE, ...headers },
  body: JSON.stringify(body),
});

export const redirect = (status: 302 | 303, location: string, cookies: readonly string[] = []): WebResponse => ({
  status,
  headers: { location, ...NO_STORE, ...(cookies.length > 0 ? { 'set-cookie': cookies } : {}) },
});

/** Reads a body of at most 64 KB; undefined if it is longer. */
export async function readBody(request: IncomingMessage): Promise<string | undefined> {
  const chunks: Buffer[] = [];
  let size = 0;
  // Not destroyed when it is too long, so that the answer still reaches the client.
  for await (const chunk of request.iterator({ destroyOnReturn: false })) {
    const bytes = Buffer.from(chunk);
    size += bytes.length;
    if (size > MAX_BODY) return undefined;
    chunks.push(bytes);
  }
  return Buffer.concat(chunks).toString('utf8');
}

export function parseCookies(header: string | undefined): Map<string, string> {
  const pairs = (header ?? '').split(';').map((part) => part.trim().split('='));
  return new Map(pairs.map(([name = '', ...value]) => [name, value.join('=')]));
}
