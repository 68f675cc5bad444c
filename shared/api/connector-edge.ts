/**
 * What the entry of connectors' addresses gives the edge: a caller by a connector's secret. Messages are no changes of an account's
 * things, so that none is in the audit trail; and equal readings are one, so that they need no idempotency key.
 */
import type { LambdaClient } from '@aws-sdk/client-lambda';
import type * as z from 'zod';
import { connectorSessions } from '../identity/connector-sessions.ts';
import { storesOf } from '../platform/account-session.ts';
import type { accountEnv } from '../platform/env.ts';
import type { EdgeDeps } from './edge.ts';

export const connectorEdge = (env: z.output<typeof accountEnv>, lambda: LambdaClient): EdgeDeps => ({
  openSession: () => Promise.reject(new Error('A connector has no token.')),
  openConnector: connectorSessions({
    lambda,
    brokerFunction: env.BROKER_FUNCTION,
    stores: storesOf(env),
    now: Date.now,
  }),
  audit: [],
  idempotency: [],
});
