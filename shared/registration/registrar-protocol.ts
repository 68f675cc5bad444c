/** What handlers and the registrar say to each other. */
import * as z from 'zod';
import { isAccountScope, ROLES } from '../api/scopes.ts';
import { connectorKind } from '../connector/connector.ts';
import { connectorProof } from '../identity/connector-proof.ts';
import { idSchema } from '../platform/ids.ts';

const account = idSchema('account');
const member = idSchema('member');
const client = idSchema('apiClient');
const connector = idSchema('connector');
/** Never another name of a person: Cognito would take an e-mail as well, and the directory would know nobody by it. */
const sub = z.guid();
const clientId = z.string();
const scopes = z.array(z.string().refine(isAccountScope)).min(1);

/** The product has fresh blocks, to be merged from `slot` (a UTC hour) on. */
const announce = z.strictObject({
  kind: z.literal('announce'),
  account,
  product: idSchema('product'),
  slot: z.string().regex(/^\d{4}-\d\d-\d\dT\d\d$/),
});

/** For the account that the caller belongs to. */
export const accountCommand = z.discriminatedUnion('kind', [
  z.strictObject({ kind: z.literal('add-member'), account, member, email: z.string(), role: z.enum(ROLES) }),
  z.strictObject({ kind: z.literal('change-role'), account, sub, from: z.enum(ROLES), role: z.enum(ROLES) }),
  z.strictObject({ kind: z.literal('remove-member'), account, sub }),
  z.strictObject({ kind: z.literal('add-client'), account, client, scopes }),
  z.strictObject({ kind: z.literal('rotate-client'), account, clientId }),
  z.strictObject({ kind: z.literal('remove-client'), account, clientId }),
  z.strictObject({
    kind: z.literal('add-connector'),
    account,
    connector,
    product: idSchema('product'),
    connectorKind,
    createDevices: z.boolean(),
    /** SHA-256, base64url. */
    secretHash: z.string().length(43),
  }),
  z.strictObject({ kind: z.literal('remove-connector'), account, connector }),
  announce,
]);
export type AccountCommand = z.output<typeof accountCommand>;

const idempotency = z.strictObject({ key: z.string(), request: z.string() }).optional();
const opened = z.strictObject({
  account,
  member,
  client: z.strictObject({ id: client, clientId }).optional(),
});

/** The ids of an account that was opened. */
export type Opened = z.output<typeof opened>;

/** For the operator. An account is prepared first and opened last: in between, nobody can reach what belongs to it. */
export const operatorCommand = z.discriminatedUnion('kind', [
  z.strictObject({ kind: z.literal('prepare-account'), email: z.string(), client: client.optional(), idempotency }),
  z.strictObject({ kind: z.literal('open-account'), opened, sub, idempotency }),
  z.strictObject({ kind: z.literal('list-accounts'), limit: z.number(), after: z.string().optional() }),
  z.strictObject({ kind: z.literal('change-status'), account, status: z.enum(['active', 'suspended']) }),
]);
export type OperatorCommand = z.output<typeof operatorCommand>;

const byToken = z.strictObject({ token: z.string(), command: z.union([accountCommand, operatorCommand]) });
/** A connector may announce what it has stored, and nothing else. */
const byConnector = connectorProof.extend({ command: announce });
export type ConnectorAnnouncement = z.output<typeof byConnector>;
export const registrarRequest = z.union([byToken, byConnector]);

const listed = z.object({ id: z.string(), status: z.enum(['active', 'suspended']), createdAt: z.number() });

export const registrarAnswer = z.discriminatedUnion('done', [
  z.object({
    done: z.literal(true),
    sub: sub.optional(),
    /** The member that this person is: the one asked for, or one that an earlier try left. */
    member: z.string().optional(),
    client: z.object({ clientId, clientSecret: z.string() }).optional(),
    /** When the secret before it ends: epoch milliseconds. */
    previousEndsAt: z.number().optional(),
    /** What an earlier request with the same idempotency key has opened. */
    opened: opened.optional(),
    accounts: z.array(listed).optional(),
    more: z.boolean().optional(),
  }),
  z.object({
    done: z.literal(false),
    reason: z.enum([
      'invalid-token',
      'forbidden',
      'not-found',
      'already-member',
      'last-owner',
      'stale',
      'two-secrets',
      'idempotency-mismatch',
      'in-flight',
    ]),
  }),
]);
export type RegistrarAnswer = z.output<typeof registrarAnswer>;

/** Does it, or throws the domain error. */
export type Register = (
  request: z.output<typeof byToken> | ConnectorAnnouncement,
) => Promise<Extract<RegistrarAnswer, { done: true }>>;
