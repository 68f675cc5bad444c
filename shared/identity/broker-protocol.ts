/** What handlers and the credential broker say to each other. */
import * as z from 'zod';
import { connectorKind } from '../connector/connector.ts';
import { idSchema } from '../platform/ids.ts';
import { connectorProof } from './connector-proof.ts';

/** Routes for which an operator's token gets one account's session. */
export const OPERATOR_PURPOSES = ['operator.accounts.open'] as const;

const byToken = z.strictObject({
  token: z.string(),
  account: idSchema('account'),
  /** Why an operator needs the session; members and clients need no purpose. */
  purpose: z.enum(OPERATOR_PURPOSES).optional(),
});
export type TokenRequest = z.output<typeof byToken>;

/** By what the asker proves that it may have a session: a token, or a connector's secret. */
export const brokerRequest = z.union([byToken, connectorProof]);

export const brokerAnswer = z.discriminatedUnion('granted', [
  z.object({
    granted: z.literal(true),
    /** Whose session it is. */
    account: idSchema('account'),
    /** Which connector asked, where one did. */
    connector: z.object({ product: idSchema('product'), kind: connectorKind, createDevices: z.boolean() }).optional(),
    credentials: z.object({ accessKeyId: z.string(), secretAccessKey: z.string(), sessionToken: z.string() }),
    /** Epoch milliseconds. */
    expiresAt: z.number(),
  }),
  z.object({ granted: z.literal(false), reason: z.enum(['invalid-token', 'denied']) }),
]);
export type BrokerAnswer = z.output<typeof brokerAnswer>;
