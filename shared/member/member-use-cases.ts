/** The use cases of members. An account always has an owner. */
import type { AccountCaller } from '../api/caller.ts';
import type { UseCases } from '../api/edge.ts';
import { DomainError, notFound } from '../api/errors.ts';
import { pageBody, pageStart } from '../api/page.ts';
import { orStale, requireVersion } from '../api/versions.ts';
import { isoTime, type Now } from '../platform/clock.ts';
import { writeTogether } from '../platform/entity.ts';
import type { NewId } from '../platform/ids.ts';
import type { Register } from '../registration/registrar-protocol.ts';
import { addMember } from './add-member.ts';
import type { Member } from './member.ts';
import { memberRoutes } from './member-api.ts';
import { members, type StoredMember } from './member-store.ts';

const show = ({ plain: { id, role }, sealed, createdAt, updatedAt }: StoredMember): Member => ({
  id,
  role,
  ...sealed,
  createdAt: isoTime(createdAt),
  updatedAt: isoTime(updatedAt),
});

async function find({ session }: AccountCaller, id: string, ifMatch: number | undefined): Promise<StoredMember> {
  const member = await members.find(session, id);
  if (!member) throw notFound('member');
  requireVersion(member, ifMatch);
  return member;
}

/** The roster's version, if the account keeps an owner without this member. */
async function requireOtherOwner({ session }: AccountCaller, { plain }: StoredMember): Promise<number> {
  const { roster, others } = await members.otherOwners(session, plain.id);
  if (plain.role === 'owner' && !others) throw new DomainError('conflict', 'An account keeps at least one owner.');
  return roster;
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
    const id = deps.newId('member');
    const command = { kind: 'add-member' as const, account, member: id, email: sealed.email, role };
    const { sub } = await deps.register({ token, command });
    if (!sub) throw new Error('The registrar answered no person.');
    const member = await addMember(session, deps.now(), { id, role, sub, ...sealed });
    return { body: show(member), version: member.version, location: `/v1/members/${id}` };
  },

  update: async (caller, { params, body: { role }, ifMatch }) => {
    const { account, session, token } = caller;
    const member = await find(caller, params.id, ifMatch);
    if (role === undefined || role === member.plain.role) return { body: show(member), version: member.version };
    const roster = await requireOtherOwner(caller, member);
    await deps.register({ token, command: { kind: 'change-role', account, sub: member.plain.sub, role } });
    const changed = members.change(member, deps.now(), member.sealed, { ...member.plain, role });
    await orStale(writeTogether(session, [await members.put(session, changed), members.bumpRoster(session, roster)]));
    return { body: show(changed), version: changed.version };
  },

  remove: async (caller, { params, ifMatch }) => {
    const { account, session, token } = caller;
    const member = await find(caller, params.id, ifMatch);
    const roster = await requireOtherOwner(caller, member);
    await deps.register({ token, command: { kind: 'remove-member', account, sub: member.plain.sub } });
    await orStale(writeTogether(session, [members.remove(session, member), members.bumpRoster(session, roster)]));
    return {};
  },
});
