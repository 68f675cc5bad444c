/**
 * The edge: the one way from the gateway's event to a use case and back. Order: problems → route → caller → audit → scope and
 * input → idempotency → use case. Nothing beyond it sees HTTP; nothing before it sees the domain.
 */
import middy from '@middy/core';
import type { OpenSession } from '../identity/account-sessions.ts';
import type { OpenConnector } from '../identity/connector-sessions.ts';
import { count, errorFields, log } from '../platform/log.ts';
import type { AccountCaller, ConnectorCaller, OperatorCaller } from './caller.ts';
import { DomainError } from './errors.ts';
import type { Exchange, Middleware, PersonCaller } from './exchange.ts';
import { type HttpAnswer, httpEvent } from './http-event.ts';
import { identifyCaller, refuseOutOfScope } from './identify-caller.ts';
import { readRequest } from './read-request.ts';
import { renderOutput, renderProblem } from './render-answer.ts';
import type { Access, Input, Output, Route } from './route.ts';

type CallerOf<A extends Access> = A extends 'public'
  ? undefined
  : A extends 'person'
    ? PersonCaller
    : A extends 'operator'
      ? OperatorCaller
      : A extends 'connector'
        ? ConnectorCaller
        : AccountCaller;

/** A use case, bound to its dependencies. */
export type UseCase<R extends Route> = (caller: CallerOf<R['access']>, input: Input<R>) => Promise<Output<R>>;

/** One use case for each route of a concept. */
export type UseCases<T extends Record<string, Route>> = { [K in keyof T]: UseCase<T[K]> };

export interface EdgeDeps {
  readonly openSession: OpenSession;
  /** For routes of connectors. */
  readonly openConnector?: OpenConnector;
  /** What stands around changes of an account; see account-edge.ts, connector-edge.ts and public-edge.ts. */
  readonly audit: readonly Middleware[];
  readonly idempotency: readonly Middleware[];
}

type Request = middy.Request<Exchange, HttpAnswer, Error>;

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
    if (!found)
      throw new DomainError('not-found', 'There is no such method and path. GET /openapi.json lists them all.');
    return found;
  };
  const routing: Middleware = {
    before: async ({ event: exchange }) => {
      exchange.route = find(exchange.event.routeKey).route;
      exchange.caller = await identifyCaller(exchange.route, exchange.event, deps);
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
    .use([...deps.audit])
    .use(reading)
    .use([...deps.idempotency])
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

const TRANSIENT = new Set([
  'ProvisionedThroughputExceededException',
  'ThrottlingException',
  'TimeoutError',
  'KMSInternalException',
  'Contention',
]);

/** AWS said so itself: throttled, or out of reach. */
const isTransient = (error: unknown): boolean =>
  error instanceof Error && (('$retryable' in error && error.$retryable !== undefined) || TRANSIENT.has(error.name));

const problems: Middleware = {
  before: (request: Request) => {
    request.event = { event: httpEvent.parse(request.event) };
  },
  onError: (request: Request) => {
    const id = request.event.event?.requestContext.requestId ?? request.context.awsRequestId;
    request.response = renderProblem(asDomainError(request.error, id), id);
  },
};
