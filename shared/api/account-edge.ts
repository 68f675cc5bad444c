/** What the entries of account routes have in common: the edge's dependencies, from the environment. */
import { LambdaClient } from '@aws-sdk/client-lambda';
import type * as z from 'zod';
import { accountSessions } from '../identity/account-sessions.ts';
import { tablesOf } from '../platform/account-session.ts';
import type { accountEnv } from '../platform/env.ts';
import { newId } from '../platform/ids.ts';
import type { EdgeDeps } from './edge.ts';

export function accountEdge(env: z.output<typeof accountEnv>): EdgeDeps & { lambda: LambdaClient } {
  const lambda = new LambdaClient({});
  const now = Date.now;
  const openSession = accountSessions({
    lambda,
    brokerFunction: env.BROKER_FUNCTION,
    tables: tablesOf(env),
    masterKeyId: env.MASTER_KEY_ID,
    now,
  });
  return { lambda, now, newId, openSession };
}
