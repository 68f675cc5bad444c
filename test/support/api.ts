/** The HTTP API as a program of a customer uses it: tokens, requests, and the things that most tests begin with. */
import { randomUUID } from 'node:crypto';
import { expect } from 'vitest';
import * as z from 'zod';
import type { Endpoints } from './host.ts';

export interface Answer {
  readonly status: number;
  readonly headers: Headers;
  // biome-ignore lint/suspicious/noExplicitAny: a test reads answers as a script would
  readonly body: any;
  readonly text: string;
}

export interface RequestOptions {
  readonly token?: string | undefined;
  readonly body?: unknown;
  /** Sent as it is, instead of `body`. */
  readonly raw?: string;
  readonly headers?: Readonly<Record<string, string>>;
}

export async function request(
  endpoints: Endpoints,
  method: string,
  path: string,
  options: RequestOptions = {},
): Promise<Answer> {
  const { token, body, raw } = options;
  const sent = raw ?? (body === undefined ? undefined : JSON.stringify(body));
  const answer = await fetch(endpoints.api + path, {
    method,
    redirect: 'manual',
    headers: {
      ...(token === undefined ? {} : { authorization: `Bearer ${token}` }),
      ...(sent === undefined ? {} : { 'content-type': 'application/json' }),
      ...options.headers,
    },
    ...(sent === undefined ? {} : { body: sent }),
  });
  const text = await answer.text();
  const json =
    /json/.test(answer.headers.get('content-type') ?? '') && !/ndjson/.test(answer.headers.get('content-type') ?? '');
  return { status: answer.status, headers: answer.headers, text, body: json && text ? JSON.parse(text) : undefined };
}

export async function clientToken(
  endpoints: Endpoints,
  client: { clientId: string; clientSecret: string },
  scope?: string,
): Promise<string> {
  const answer = await fetch(endpoints.oauth.tokenUrl, {
    method: 'POST',
    headers: {
      authorization: `Basic ${Buffer.from(`${client.clientId}:${client.clientSecret}`).toString('base64')}`,
      'content-type': 'application/x-www-form-urlencoded',
    },
    body: new URLSearchParams({ grant_type: 'client_credentials', ...(scope ? { scope } : {}) }),
  });
  const body = await answer.json();
  if (!answer.ok) throw new Error(`token: ${answer.status} ${JSON.stringify(body)}`);
  return z.object({ access_token: z.string() }).parse(body).access_token;
}

export const operatorToken = (endpoints: Endpoints) => clientToken(endpoints, endpoints.operator, 'custodia/operator');

/** An account's program: sends its token with every request. */
export interface Program {
  readonly account: string;
  readonly token: string;
  readonly client: {
    readonly id: string;
    readonly clientId: string;
    readonly clientSecret: string;
    readonly scopes: readonly string[];
  };
  readonly owner: { readonly memberId: string; readonly email: string };
  get(path: string, options?: RequestOptions): Promise<Answer>;
  post(path: string, body?: unknown, options?: RequestOptions): Promise<Answer>;
  put(path: string, body: unknown, options?: RequestOptions): Promise<Answer>;
  patch(path: string, body: unknown, options?: RequestOptions): Promise<Answer>;
  delete(path: string, options?: RequestOptions): Promise<Answer>;
}

/** Opens an account with a first API client that holds every scope. */
export async function openAccount(endpoints: Endpoints, name = 'Acme'): Promise<Program> {
  const answer = await request(endpoints, 'POST', '/v1/operator/accounts', {
    token: await operatorToken(endpoints),
    body: { name, owner: { email: `owner-${randomUUID()}@acme.test`, name: 'Owner' }, apiClient: true },
  });
  expect(answer.status, answer.text).toBe(201);
  const { id, apiClient, owner } = answer.body;
  const token = await clientToken(endpoints, apiClient);
  return { ...program(endpoints, token), account: id, client: apiClient, owner };
}

/** Requests with one token. */
export function program(endpoints: Endpoints, token: string) {
  const send = (method: string, path: string, options: RequestOptions) =>
    request(endpoints, method, path, { token, ...options });
  return {
    token,
    get: (path: string, options: RequestOptions = {}) => send('GET', path, options),
    post: (path: string, body?: unknown, options: RequestOptions = {}) => send('POST', path, { body, ...options }),
    put: (path: string, body: unknown, options: RequestOptions = {}) => send('PUT', path, { body, ...options }),
    patch: (path: string, body: unknown, options: RequestOptions = {}) => send('PATCH', path, { body, ...options }),
    delete: (path: string, options: RequestOptions = {}) => send('DELETE', path, options),
  };
}

/** What an answer made, or a failed test that says why not. */
export function made(answer: Answer, status = 201) {
  expect(answer.status, answer.text).toBe(status);
  return answer.body;
}

/** Asks again until the answer is as wanted; what is readable "within seconds" is waited for, never slept for. */
export async function eventually<T>(ask: () => Promise<T>, wanted: (value: T) => boolean, ms = 15_000): Promise<T> {
  const until = Date.now() + ms;
  for (;;) {
    const value = await ask();
    if (wanted(value) || Date.now() > until) return value;
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
}
