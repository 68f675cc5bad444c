/** Connectors at rest; of the secret, the directory alone has a hash. */
import * as z from 'zod';
import type { AccountSession } from '../platform/account-session.ts';
import { type EntityOf, entityKind } from '../platform/entity.ts';
import { connectorKind } from './connector.ts';
import { connectorKey, connectorPartition } from './connector-keys.ts';

const kind = entityKind('connectors', {
  plain: z.object({ id: z.string(), kind: connectorKind, product: z.string(), createDevices: z.boolean() }),
  sealed: z.object({ name: z.string() }),
});
export type StoredConnector = EntityOf<typeof kind>;

export const connectors = {
  ...kind,
  find: (session: AccountSession, id: string) => kind.get(session, connectorKey(session.account, id)),
  page: (session: AccountSession, options: { limit: number; after?: string | undefined }) =>
    kind.list(session, connectorPartition(session.account), options),
};
