/** Members at rest. */
import type { TransactWriteItem } from '@aws-sdk/client-dynamodb';
import { marshall } from '@aws-sdk/util-dynamodb';
import * as z from 'zod';
import { ROLES } from '../api/scopes.ts';
import type { AccountSession } from '../platform/account-session.ts';
import { type EntityOf, entityKind } from '../platform/entity.ts';
import { getPointer } from '../platform/pointers.ts';
import { MEMBER_PREFIX, memberKey, memberPartition, rosterKey } from './member-keys.ts';

const kind = entityKind('members', {
  plain: z.object({ id: z.string(), role: z.enum(ROLES), sub: z.string() }),
  sealed: z.object({ email: z.string(), name: z.string() }),
});
export type StoredMember = EntityOf<typeof kind>;

export const members = {
  ...kind,
  find: (session: AccountSession, id: string) => kind.get(session, memberKey(session.account, id)),

  page: (session: AccountSession, options: { limit: number; after?: string | undefined }) =>
    kind.list(session, memberPartition(session.account), { ...options, prefix: MEMBER_PREFIX }),

  /** The roster's version, and whether anybody but this member is an owner. */
  async otherOwners(session: AccountSession, but: string): Promise<{ roster: number; others: boolean }> {
    const roster = (await getPointer(session, rosterKey(session.account), z.object({ n: z.number() })))?.n ?? 0;
    let after: string | undefined;
    do {
      const page = await members.page(session, { limit: 200, after });
      if (page.items.some(({ plain }) => plain.role === 'owner' && plain.id !== but)) return { roster, others: true };
      after = page.last;
    } while (after !== undefined);
    return { roster, others: false };
  },

  /** Part of every change of who is an owner: fails if another change came between. */
  bumpRoster: (session: AccountSession, roster: number): TransactWriteItem => ({
    Update: {
      TableName: session.tables.entities,
      Key: marshall(rosterKey(session.account)),
      UpdateExpression: 'SET n = :next',
      ConditionExpression: roster === 0 ? 'attribute_not_exists(n)' : 'n = :n',
      ExpressionAttributeValues: marshall(roster === 0 ? { ':next': 1 } : { ':next': roster + 1, ':n': roster }),
    },
  }),
};
