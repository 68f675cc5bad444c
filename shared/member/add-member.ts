/** Keeps a member whom the registrar has let in: for the account's own route, and for opening an account. */
import type { Role } from '../api/scopes.ts';
import type { AccountSession } from '../platform/account-session.ts';
import { writeTogether } from '../platform/entity.ts';
import { memberKey } from './member-keys.ts';
import { members, type StoredMember } from './member-store.ts';

export async function addMember(
  session: AccountSession,
  now: number,
  member: { id: string; role: Role; sub: string; email: string; name: string },
): Promise<StoredMember> {
  const { email, name, ...plain } = member;
  const stored = members.make(memberKey(session.account, member.id), now, plain, { email, name });
  await writeTogether(session, [await members.put(session, stored)]);
  return stored;
}
