/**
 * Who asks: identity only, as the directory knows it, never as a token claims it. A token's signature, issuer and use are checked
 * against Cognito's keys; then the subject or client must be found alive in the directory. What it may do is decided at the edge,
 * at every request, from the role and kind found here.
 */
import * as z from 'zod';
import { ROLES } from '../api/scopes.ts';
import { idSchema } from '../platform/ids.ts';

export const accountStatus = z.enum(['active', 'suspended']);

export const membership = z.object({
  account: idSchema('account'),
  member: idSchema('member'),
  role: z.enum(ROLES),
  status: accountStatus,
});
export type Membership = z.output<typeof membership>;

/** Scopes without the resource server's name, as the token asks for them. */
const scopes = z.array(z.string());

export const identity = z.discriminatedUnion('kind', [
  z.object({ kind: z.literal('member'), sub: z.string(), memberships: z.array(membership), scopes }),
  z.object({
    kind: z.literal('client'),
    account: idSchema('account'),
    client: idSchema('apiClient'),
    status: accountStatus,
    scopes,
  }),
  z.object({ kind: z.literal('operator'), id: z.string(), scopes }),
]);
export type Identity = z.output<typeof identity>;

/** What the authorizer lets through to the edge. */
export const authorizerContext = z.discriminatedUnion('auth', [
  z.object({ auth: z.literal('established'), identity: z.string() }),
  z.object({ auth: z.literal('invalid_token') }),
]);
export type AuthorizerContext = z.output<typeof authorizerContext>;
