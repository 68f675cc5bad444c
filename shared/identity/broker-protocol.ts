/** What functions and the credential broker say to each other: a session for a token or a work order, or a token sealed into an order. */
import * as z from 'zod';
import { idSchema } from '../platform/ids.ts';
import { sealedOrderField, workOrder } from './work-order.ts';

/** Routes for which an operator's token gets one account's session. */
export const OPERATOR_PURPOSES = ['operator.accounts.open'] as const;

const account = idSchema('account');

const tokenRequest = z.strictObject({
  kind: z.literal('token'),
  token: z.string(),
  account,
  /** Why an operator needs the session; members and clients need no purpose. */
  purpose: z.enum(OPERATOR_PURPOSES).optional(),
});
export type TokenRequest = z.output<typeof tokenRequest>;

const orderRequest = z.strictObject({ kind: z.literal('order'), order: sealedOrderField, account });

const sealRequest = workOrder.omit({ issuedAt: true }).extend({ kind: z.literal('seal'), token: z.string() });
export type SealRequest = z.output<typeof sealRequest>;

export const brokerRequest = z.discriminatedUnion('kind', [tokenRequest, orderRequest, sealRequest]);

/** What opens a session. */
export type SessionRequest = TokenRequest | z.output<typeof orderRequest>;

const refusal = z.object({ granted: z.literal(false), reason: z.enum(['invalid-token', 'invalid-order', 'denied']) });
export type BrokerRefusal = z.output<typeof refusal>;

export const sessionAnswer = z.discriminatedUnion('granted', [
  z.object({
    granted: z.literal(true),
    credentials: z.object({ accessKeyId: z.string(), secretAccessKey: z.string(), sessionToken: z.string() }),
    /** Epoch milliseconds. */
    expiresAt: z.number(),
  }),
  refusal,
]);
export type SessionAnswer = z.output<typeof sessionAnswer>;

export const sealAnswer = z.discriminatedUnion('granted', [
  z.object({ granted: z.literal(true), order: sealedOrderField }),
  refusal,
]);
export type SealAnswer = z.output<typeof sealAnswer>;
