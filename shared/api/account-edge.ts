/** What the entries of account routes have in common: the edge's dependencies, from the environment. */
import { LambdaClient } from '@aws-sdk/client-lambda';
import type * as z from 'zod';
import { accountSessions } from '../identity/account-sessions.ts';
import { storesOf } from '../platform/account-session.ts';
import type { Now } from '../platform/clock.ts';
import type { accountEnv } from '../platform/env.ts';
import { type NewId, newId } from '../platform/ids.ts';
import { auditing, idempotency } from './change-guards.ts';
import type { EdgeDeps } from './edge.ts';

export interface AccountEdge extends EdgeDeps {
  readonly lambda: LambdaClient;
  readonly now: Now;
  readonly newId: NewId;
}

export function accountEdge(env: z.output<typeof accountEnv>): AccountEdge {
  const lambda = new LambdaClient({});
  const now = Date.now;
  const openSession = accountSessions({
    lambda,
    brokerFunction: env.BROKER_FUNCTION,
    stores: storesOf(env),
    now,
  });
  const deps = { now, newId };
  return { ...deps, lambda, openSession, audit: [auditing(deps)], idempotency: [idempotency(deps)] };
}
