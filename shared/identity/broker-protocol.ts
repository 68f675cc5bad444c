/** What handlers and the credential broker say to each other. */
import * as z from 'zod';
import { idSchema } from '../platform/ids.ts';

/** Routes for which an operator's token gets one account's session. */
export const OPERATOR_PURPOSES = ['operator.accounts.open'] as const;

export const brokerRequest = z.strictObject({
  token: z.string(),
  account: idSchema('account'),
  /** Why an operator needs the session; members and clients need no purpose. */
  purpose: z.enum(OPERATOR_PURPOSES).optional(),
});
export type BrokerRequest = z.output<typeof brokerRequest>;

export const brokerAnswer = z.discriminatedUnion('granted', [
  z.object({
    granted: z.literal(true),
    credentials: z.object({ accessKeyId: z.string(), secretAccessKey: z.string(), sessionToken: z.string() }),
    /** Epoch milliseconds. */
    expiresAt: z.number(),
  }),
  z.object({ granted: z.literal(false), reason: z.enum(['invalid-token', 'denied']) }),
]);
export type BrokerAnswer = z.output<typeof brokerAnswer>;
