/** Routes of members: invite, list, change the role, remove. */
import * as z from 'zod';
import { idParam, pageOf, pageQuery } from '../api/fields.ts';
import { route } from '../api/route.ts';
import { invitation, member, roleField } from './member.ts';

export const memberRoutes = {
  list: route({
    id: 'members.list',
    method: 'GET',
    path: '/v1/members',
    access: 'members.read',
    summary: 'List members.',
    query: pageQuery,
    output: pageOf(member),
  }),
  invite: route({
    id: 'members.invite',
    method: 'POST',
    path: '/v1/members',
    access: 'members.write',
    summary: 'Invite a person. The answer is the same whether or not the e-mail is known to the instance.',
    body: invitation,
    output: member,
    problems: ['conflict', 'forbidden'],
  }),
  update: route({
    id: 'members.update',
    method: 'PATCH',
    path: '/v1/members/{id}',
    access: 'members.write',
    summary: 'Change the role of a member.',
    params: idParam('member'),
    body: z.strictObject({ role: roleField.optional() }).meta({ id: 'MemberPatch', examples: [{ role: 'editor' }] }),
    output: member,
    ifMatch: 'required',
    problems: ['not-found', 'conflict', 'forbidden', 'stale', 'precondition-required'],
  }),
  remove: route({
    id: 'members.remove',
    method: 'DELETE',
    path: '/v1/members/{id}',
    access: 'members.write',
    summary: 'Remove a member; refused within 60 seconds everywhere.',
    params: idParam('member'),
    ifMatch: 'optional',
    problems: ['not-found', 'conflict', 'forbidden', 'stale'],
  }),
};
