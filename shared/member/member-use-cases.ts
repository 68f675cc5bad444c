/** The use cases of members. An account always has an owner. */
import type { AccountCaller } from '../api/caller.ts';
import type { UseCases } from '../api/edge.ts';
import { notFound } from '../api/errors.ts';
import { pageBody, pageStart } from '../api/page.ts';
import type { IfMatch } from '../api/route.ts';
import { orStale, requireVersion } from '../api/versions.ts';
import { isoTime, type Now } from '../platform/clock.ts';
import { ConditionFailed, writeTogether } from '../platform/entity.ts';
import type { NewId } from '../platform/ids.ts';
import type { Register } from '../registration/registrar-protocol.ts';
import { addMember } from './add-member.ts';
import type { Member } from './member.ts';
import { memberRoutes } from './member-api.ts';
import { alreadyMember } from './member-errors.ts';
import { members, type StoredMember } from './member-store.ts';

const show = ({ plain: { id, role }, sealed, createdAt, updatedAt }: StoredMember): Member => ({
  id,
  role,
  ...sealed,
  createdAt: isoTime(createdAt),
  updatedAt: isoTime(updatedAt),
});

async function find({ session }: AccountCaller, id: string, ifMatch: IfMatch): Promise<StoredMember> {
  const member = await members.find(session, id);
  if (!member) throw notFound('member');
  requireVersion(member, ifMatch);
  return member;
}

async function orAlreadyMember<T>(write: Promise<T>): Promise<T> {
  try {
    return await write;
  } catch (error) {
    throw error instanceof ConditionFailed ? alreadyMember() : error;
  }
}

export const memberUseCases = (deps: {
  now: Now;
  newId: NewId;
  register: Register;
}): UseCases<typeof memberRoutes> => ({
  list: async ({ session }, { query }) => {
    const scope = { route: memberRoutes.list.id };
    const page = await members.page(session, {
      limit: query.limit,
      after: await pageStart(session, scope, query.cursor),
    });
    const body = await pageBody(session, scope, page, show);
    return { body, next: body.next };
  },

  invite: async ({ account, session, token }, { body: { role, ...sealed } }) => {
    const command = {
      kind: 'add-member' as const,
      account,
      member: deps.newId('member'),
      email: sealed.email,
      role,
    };
    const { sub, member: id } = await deps.register({ token, command });
    if (!sub || !id) throw new Error('The registrar answered no person.');
    // Another id than ours is of somebody who is a member already, or of an invitation that died half done and is finished here.
    const member = await orAlreadyMember(addMember(session, deps.now(), { id, role, sub, ...sealed }));
    return { body: show(member), version: member.version, location: `/v1/members/${id}` };
  },

  update: async (caller, { params, body: { role }, ifMatch }) => {
    const { account, session, token } = caller;
    const member = await find(caller, params.id, ifMatch);
    if (role === undefined || role === member.plain.role) return { body: show(member), version: member.version };
    const { sub, role: from } = member.plain;
    await deps.register({ token, command: { kind: 'change-role', account, sub, from, role } });
    const changed = members.change(member, deps.now(), member.sealed, { ...member.plain, role });
    await orStale(writeTogether(session, [await members.put(session, changed)]));
    return { body: show(changed), version: changed.version };
  },

  remove: async (caller, { params, ifMatch }) => {
    const { account, session, token } = caller;
    const member = await find(caller, params.id, ifMatch);
    await deps.register({ token, command: { kind: 'remove-member', account, sub: member.plain.sub } });
    await orStale(writeTogether(session, [members.remove(session, member)]));
    return {};
  },
});
