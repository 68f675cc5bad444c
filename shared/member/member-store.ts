/** Members at rest. */
import * as z from 'zod';
import { ROLES } from '../api/scopes.ts';
import type { AccountSession } from '../platform/account-session.ts';
import { type EntityOf, entityKind } from '../platform/entity.ts';
import { memberKey, memberPartition } from './member-keys.ts';

const kind = entityKind('members', {
  plain: z.object({ id: z.string(), role: z.enum(ROLES), sub: z.string() }),
  sealed: z.object({ email: z.string(), name: z.string() }),
});
export type StoredMember = EntityOf<typeof kind>;

export const members = {
  ...kind,
  find: (session: AccountSession, id: string) => kind.get(session, memberKey(session.account, id)),

  page: (session: AccountSession, options: { limit: number; after?: string | undefined }) =>
    kind.list(session, memberPartition(session.account), options),
};
