/**
 * What functions and the credential broker say to each other: a session for a token, a connector's secret or a job's work order; or a
 * token sealed into an order.
 */
import * as z from 'zod';
import { connectorKind } from '../connector/connector.ts';
import { idSchema } from '../platform/ids.ts';
import { connectorProof } from './connector-proof.ts';
import { sealedOrderField } from './work-order.ts';

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

const connectorRequest = connectorProof.extend({ kind: z.literal('connector') });

const sealRequest = z.strictObject({ kind: z.literal('seal'), token: z.string(), account });
export type SealRequest = z.output<typeof sealRequest>;

export const brokerRequest = z.discriminatedUnion('kind', [tokenRequest, orderRequest, connectorRequest, sealRequest]);

/** What opens a session of the account that it names. */
export type SessionRequest = TokenRequest | z.output<typeof orderRequest>;
/** Whatever opens a session. */
export type AnySessionRequest = SessionRequest | z.output<typeof connectorRequest>;

const refusal = z.object({ granted: z.literal(false), reason: z.enum(['invalid-token', 'invalid-order', 'denied']) });
export type BrokerRefusal = z.output<typeof refusal>;

const grantedSession = z.object({
  granted: z.literal(true),
  /** Whose session it is. */
  account,
  /** Which connector asked, where one did. */
  connector: z.object({ product: idSchema('product'), kind: connectorKind, createDevices: z.boolean() }).optional(),
  credentials: z.object({ accessKeyId: z.string(), secretAccessKey: z.string(), sessionToken: z.string() }),
  /** Epoch milliseconds. */
  expiresAt: z.number(),
});
export type GrantedSession = z.output<typeof grantedSession>;
export const sessionAnswer = z.discriminatedUnion('granted', [grantedSession, refusal]);
export type SessionAnswer = z.output<typeof sessionAnswer>;

export const sealAnswer = z.discriminatedUnion('granted', [
  z.object({ granted: z.literal(true), order: sealedOrderField }),
  refusal,
]);
export type SealAnswer = z.output<typeof sealAnswer>;
