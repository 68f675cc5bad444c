/**
 * A Lambda authorizer with simple responses, and its cache. As on AWS, a request without an identity source is refused unseen, and
 * one cached answer serves every route that has this authorizer: its key holds nothing but the identity sources' values.
 */
import * as z from 'zod';
import type { Clock } from '../../contract.ts';
import type { AuthorizerSettings } from './api-model.ts';
import { authorizerEvent, type EventSources } from './request/event.ts';
import { GatewayError, queryParameters } from './request/gateway-request.ts';

export interface Authorization {
  readonly isAuthorized: boolean;
  readonly context: unknown;
}

const answerSchema = z.object({
  isAuthorized: z.boolean(),
  context: z.record(z.string(), z.unknown()).nullish(),
});

/** What is kept of answers; the oldest go first. */
const CACHE_LIMIT = 10_000;

export class AuthorizerCache {
  readonly #clock: Clock;
  readonly #answers = new Map<string, { authorization: Authorization; ends: number }>();

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /** Answers from the cache, or asks and keeps the answer. Throws `GatewayError` 401, or 500 for an answer that is none. */
  async authorize(
    settings: AuthorizerSettings,
    sources: EventSources,
    ask: (event: unknown) => Promise<unknown>,
  ): Promise<Authorization> {
    const identity = settings.identitySources.map((source) => identityOf(source, sources));
    const missing = identity.some((value) => !value);
    if (missing) throw new GatewayError(401, 'Unauthorized', 'An identity source is missing');
    const key = JSON.stringify([settings.id, sources.stage.name, identity]);
    const kept = this.#answers.get(key);
    if (kept && kept.ends > this.#clock.now()) return kept.authorization;
    const given = identity.filter((value) => value !== undefined);
    const parsed = answerSchema.safeParse(await ask(authorizerEvent(sources, given)));
    if (!parsed.success) throw new GatewayError(500, 'Internal Server Error', 'The authorizer’s answer is malformed');
    const authorization = { isAuthorized: parsed.data.isAuthorized, context: parsed.data.context ?? null };
    this.#keep(key, authorization, settings.ttlMs);
    return authorization;
  }

  #keep(key: string, authorization: Authorization, ttlMs: number) {
    this.#answers.delete(key);
    if (ttlMs <= 0) return;
    this.#answers.set(key, { authorization, ends: this.#clock.now() + ttlMs });
    const [oldest] = this.#answers.keys();
    if (this.#answers.size > CACHE_LIMIT && oldest !== undefined) this.#answers.delete(oldest);
  }
}

function identityOf(source: string, { request, stage, routeKey, api }: EventSources): string | undefined {
  const [, kind, name = ''] =
    /^\$(request\.header|request\.querystring|context|stageVariables)\.(.+)$/.exec(source) ?? [];
  if (kind === 'request.header') return request.headers[name.toLowerCase()];
  if (kind === 'request.querystring') return queryParameters(request.query)[name];
  if (kind === 'stageVariables') return stage.variables[name];
  const context: Readonly<Record<string, string>> = {
    routeKey,
    apiId: api.id,
    stage: stage.name,
    httpMethod: request.method,
  };
  return context[name];
}

/** Throws for an identity source that the laptop can't read. */
export function checkIdentitySource(source: string): string {
  if (/^\$(request\.(header|querystring)|stageVariables)\.[\w-]+$/.test(source)) return source;
  if (/^\$context\.(routeKey|apiId|stage|httpMethod)$/.test(source)) return source;
  throw new Error(`The laptop host can't read the identity source ${source}`);
}
