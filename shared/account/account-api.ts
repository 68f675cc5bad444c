/** Routes of the account that asks, and of a person's memberships. */
import * as z from 'zod';
import { nameField, timeZoneField } from '../api/fields.ts';
import { route } from '../api/route.ts';
import { roleField } from '../member/member.ts';
import { idSchema } from '../platform/ids.ts';
import { propertyRoutes } from '../property/property-api.ts';
import { account } from './account.ts';

export const accountRoutes = {
  memberships: route({
    id: 'memberships.list',
    method: 'GET',
    path: '/v1/memberships',
    access: 'person',
    summary: 'The accounts of the person who asks.',
    output: z.object({
      items: z.array(
        z
          .object({ account: idSchema('account'), member: idSchema('member'), role: roleField })
          .meta({ id: 'Membership' }),
      ),
    }),
  }),
  get: route({
    id: 'account.get',
    method: 'GET',
    path: '/v1/account',
    access: 'account.read',
    summary: 'The profile of the account.',
    output: account,
  }),
  update: route({
    id: 'account.update',
    method: 'PATCH',
    path: '/v1/account',
    access: 'account.write',
    summary: 'Change the profile of the account (JSON Merge Patch).',
    body: z
      .strictObject({ name: nameField.optional(), timeZone: timeZoneField.nullable().optional() })
      .meta({ id: 'AccountPatch', examples: [{ timeZone: 'Europe/Madrid' }] }),
    output: account,
    ifMatch: 'required',
    problems: ['stale', 'precondition-required'],
  }),
  ...propertyRoutes({ id: 'account', path: '/v1/account', noun: 'account', params: {} }),
};
