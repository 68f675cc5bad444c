/** What the edge knows of the request in hand; it grows from middleware to middleware. */
import type middy from '@middy/core';
import type { IdempotentRequest } from '../idempotency/idempotency.ts';
import type { Membership } from '../identity/identity.ts';
import type { AccountCaller, ConnectorCaller, OperatorCaller } from './caller.ts';
import type { HttpAnswer, HttpEvent } from './http-event.ts';
import type { Input, Route } from './route.ts';

/** A signed-in person, before any account is chosen. */
export interface PersonCaller {
  readonly memberships: readonly Membership[];
}

export type AnyCaller = AccountCaller | ConnectorCaller | OperatorCaller | PersonCaller | undefined;

export interface Exchange {
  event: HttpEvent;
  route?: Route;
  caller?: AnyCaller;
  input?: Input<Route>;
  idempotent?: IdempotentRequest | undefined;
}

export type Middleware = middy.MiddlewareObj<Exchange, HttpAnswer, Error>;

export const isAccountCaller = (caller: AnyCaller): caller is AccountCaller =>
  caller !== undefined && 'rights' in caller;

/** Methods that change something: audited, and idempotent where they create. */
export const CHANGES: ReadonlySet<string> = new Set(['POST', 'PUT', 'PATCH', 'DELETE']);
