/** API clients at rest; the secret is Cognito's alone. */
import * as z from 'zod';
import type { AccountSession } from '../platform/account-session.ts';
import { type EntityOf, entityKind } from '../platform/entity.ts';
import { apiClientKey, apiClientPartition } from './api-client-keys.ts';

const kind = entityKind('api-clients', {
  plain: z.object({ id: z.string(), clientId: z.string(), scopes: z.array(z.string()) }),
  sealed: z.object({ name: z.string() }),
});
export type StoredApiClient = EntityOf<typeof kind>;

export const apiClients = {
  ...kind,
  find: (session: AccountSession, id: string) => kind.get(session, apiClientKey(session.account, id)),
  page: (session: AccountSession, options: { limit: number; after?: string | undefined }) =>
    kind.list(session, apiClientPartition(session.account), options),
};
