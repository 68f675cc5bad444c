/**
 * The edge: the one way from the gateway's event to a use case and back. Order: problems → route → caller → audit → scope and
 * input → idempotency → use case. Nothing beyond it sees HTTP; nothing before it sees the domain.
 */
import middy from '@middy/core';
import { recordEvent } from '../audit/record-event.ts';
import { abandonIdempotent, beginIdempotent, finishIdempotent } from '../idempotency/idempotency.ts';
import { requestHash } from '../idempotency/idempotency-keys.ts';
import type { OpenSession } from '../identity/account-sessions.ts';
import type { Now } from '../platform/clock.ts';
import type { NewId } from '../platform/ids.ts';
import { count, errorFields, log } from '../platform/log.ts';
import type { AccountCaller, OperatorCaller } from './caller.ts';
import { DomainError } from './errors.ts';
import { CHANGES, type Exchange, isAccountCaller, type PersonCaller } from './exchange.ts';
import { type HttpAnswer, httpEvent } from './http-event.ts';
import { identifyCaller, refuseOutOfScope } from './identify-caller.ts';
import { PROBLEMS } from './problem.ts';
import { bodyText, readRequest } from './read-request.ts';
import { renderOutput, renderProblem } from './render-answer.ts';
import type { Access, Input, Output, Route } from './route.ts';
import { withoutSecrets } from './secrets.ts';

type CallerOf<A extends Access> = A extends 'public'
  ? undefined
  : A extends 'person'
    ? PersonCaller
    : A extends 'operator'
      ? OperatorCaller
      : AccountCaller;

/** A use case, bound to its dependencies. */
export type UseCase<R extends Route> = (caller: CallerOf<R['access']>, input: Input<R>) => Promise<Output<R>>;

/** One use case for each route of a concept. */
export type UseCases<T extends Record<string, Route>> = { [K in keyof T]: UseCase<T[K]> };

export interface EdgeDeps {
  readonly now: Now;
  readonly newId: NewId;
  readonly openSession: OpenSession;
}

type Request = middy.Request<Exchange, HttpAnswer, Error>;
type Middleware = middy.MiddlewareObj<Exchange, HttpAnswer, Error>;

/** The handler of a concept's routes. */
export function httpFunction<T extends Record<string, Route>>(routes: T, useCases: UseCases<T>, deps: EdgeDeps) {
  const table = new Map(
    Object.entries(routes).map(([name, route]) => {
      const useCase = useCases[name as keyof T] as (caller: unknown, input: unknown) => Promise<Output<Route>>;
      return [`${route.method} ${route.path}`, { route, useCase }];
    }),
  );
  const find = (key: string) => {
    const found = table.get(key);
    if (!found) throw new DomainError('not-found', 'There is no such path. GET /openapi.json lists them all.');
    return found;
  };
  const routing: Middleware = {
    before: async ({ event: exchange }) => {
      exchange.route = find(exchange.event.routeKey).route;
      exchange.caller = await identifyCaller(exchange.route, exchange.event, deps.openSession);
    },
  };
  const reading: Middleware = {
    before: ({ event: exchange }) => {
      if (!exchange.route) return;
      refuseOutOfScope(exchange.route, exchange.caller);
      exchange.input = readRequest(exchange.route, exchange.event);
    },
  };
  return middy<Exchange, HttpAnswer>()
    .use(problems)
    .use(routing)
    .use(auditing(deps))
    .use(reading)
    .use(idempotency(deps))
    .handler(async ({ event, caller, input }) => {
      const { route, useCase } = find(event.routeKey);
      return renderOutput(route, event, await useCase(caller, input));
    });
}

/** What became of an error: a domain error as it is, anything else as ours, logged and counted. */
function asDomainError(error: unknown, requestId: string): DomainError {
  if (error instanceof DomainError) return error;
  log('error', 'A request failed.', { requestId, ...errorFields(error) });
  count(Date.now(), { RequestsFailed: 1 });
  return isTransient(error)
    ? new DomainError('unavailable', 'A store is busy or out of reach: nothing is lost, try again.')
    : new DomainError('internal', 'The request failed on our side. Name the requestId to the operator.');
}

/** AWS said so itself: throttled, or out of reach. */
const isTransient = (error: unknown): boolean =>
  error instanceof Error &&
  (('$retryable' in error && error.$retryable !== undefined) ||
    ['ProvisionedThroughputExceededException', 'ThrottlingException', 'TimeoutError', 'KMSInternalException'].includes(
      error.name,
    ));

const problems: Middleware = {
  before: (request: Request) => {
    request.event = { event: httpEvent.parse(request.event) };
  },
  onError: (request: Request) => {
    const id = request.event.event?.requestContext.requestId ?? request.context.awsRequestId;
    request.response = renderProblem(asDomainError(request.error, id), id);
  },
};

/** Records what changes something, and refusals of such, in the account's own trail. */
function auditing({ now, newId }: EdgeDeps): Middleware {
  const record = async ({ event: { route, caller, event } }: Request, status: number, location?: string) => {
    if (!route || !CHANGES.has(route.method) || !isAccountCaller(caller)) return;
    const made = location?.split('/').at(-1);
    const { id, credential } = event.pathParameters;
    await recordEvent(caller.session, {
      id: newId('auditEvent'),
      at: now(),
      action: route.id,
      principalKind: caller.principal.kind,
      principal: caller.principal.id,
      target: [...new Set([id, credential, made])].flatMap((part) =>
        part && /^[a-z]{3}_[0-9a-z]{26}$/.test(part) ? [part] : [],
      ),
      status,
    });
  };
  return {
    after: (request) => record(request, request.response?.statusCode ?? 0, request.response?.headers.location),
    onError: (request) =>
      record(request, request.error instanceof DomainError ? PROBLEMS[request.error.code].status : 500),
  };
}

/** `Idempotency-Key` on `POST`. */
function idempotency({ now }: EdgeDeps): Middleware {
  return {
    before: async ({ event: exchange }) => {
      const { event, route, caller } = exchange;
      const key = event.headers['idempotency-key'];
      if (key === undefined || route?.method !== 'POST' || !isAccountCaller(caller)) return undefined;
      if (key.length === 0 || key.length > 255)
        throw new DomainError('validation', 'An Idempotency-Key has 1 to 255 characters.');
      const request = requestHash(event.rawPath, event.rawQueryString, bodyText(event));
      const idempotent = { session: caller.session, principal: caller.principal.id, route: route.id, key, request };
      const before = await beginIdempotent(idempotent, now());
      if (!before) exchange.idempotent = idempotent;
      return before;
    },
    after: async ({ event: { idempotent, route }, response }) => {
      if (idempotent && route && response)
        await finishIdempotent(idempotent, withoutSecrets(response, route.secrets), now());
    },
    onError: async ({ event: { idempotent } }) => {
      if (idempotent) await abandonIdempotent(idempotent);
    },
  };
}
