/** What handlers and the registrar say to each other. */
import * as z from 'zod';
import { isAccountScope, ROLES } from '../api/scopes.ts';
import { idSchema } from '../platform/ids.ts';

const account = idSchema('account');
const member = idSchema('member');
const client = idSchema('apiClient');
const sub = z.string();
const clientId = z.string();
const scopes = z.array(z.string().refine(isAccountScope)).min(1);

/** For the account that the caller belongs to. */
export const accountCommand = z.discriminatedUnion('kind', [
  z.strictObject({ kind: z.literal('add-member'), account, member, email: z.string(), role: z.enum(ROLES) }),
  z.strictObject({ kind: z.literal('change-role'), account, sub, role: z.enum(ROLES) }),
  z.strictObject({ kind: z.literal('remove-member'), account, sub }),
  z.strictObject({ kind: z.literal('add-client'), account, client, scopes }),
  z.strictObject({ kind: z.literal('remove-client'), account, clientId }),
]);
export type AccountCommand = z.output<typeof accountCommand>;

/** For the operator. */
export const operatorCommand = z.discriminatedUnion('kind', [
  z.strictObject({
    kind: z.literal('open-account'),
    account,
    owner: z.strictObject({ member, email: z.string() }),
    client: client.optional(),
  }),
  z.strictObject({ kind: z.literal('list-accounts'), limit: z.number(), after: z.string().optional() }),
  z.strictObject({ kind: z.literal('change-status'), account, status: z.enum(['active', 'suspended']) }),
]);
export type OperatorCommand = z.output<typeof operatorCommand>;

export const registrarRequest = z.strictObject({
  token: z.string(),
  command: z.union([accountCommand, operatorCommand]),
});

const listed = z.object({ id: z.string(), status: z.enum(['active', 'suspended']), createdAt: z.number() });

export const registrarAnswer = z.discriminatedUnion('done', [
  z.object({
    done: z.literal(true),
    sub: sub.optional(),
    client: z.object({ clientId, clientSecret: z.string() }).optional(),
    accounts: z.array(listed).optional(),
    more: z.boolean().optional(),
  }),
  z.object({ done: z.literal(false), reason: z.enum(['invalid-token', 'forbidden', 'not-found', 'already-member']) }),
]);
export type RegistrarAnswer = z.output<typeof registrarAnswer>;

/** Does it, or throws the domain error. */
export type Register = (request: {
  token: string;
  command: AccountCommand | OperatorCommand;
}) => Promise<Extract<RegistrarAnswer, { done: true }>>;
