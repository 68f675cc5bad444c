/** A member: a person of an account, in one role. The sign-in itself is Cognito's; name and e-mail are sealed here. */
import * as z from 'zod';
import { nameField, timeField } from '../api/fields.ts';
import { ROLES } from '../api/scopes.ts';
import { idSchema } from '../platform/ids.ts';

export const emailField = z.email().max(254).describe('An e-mail address.');
export const roleField = z
  .enum(ROLES)
  .meta({ id: 'Role', description: 'Each holds what the next one holds, and more.' });

export const invitation = z
  .strictObject({ email: emailField, name: nameField, role: roleField })
  .meta({ id: 'Invitation', examples: [{ email: 'vera@example.test', name: 'Vera Viewer', role: 'viewer' }] });

export const member = z
  .object({
    id: idSchema('member'),
    email: z.string(),
    name: z.string(),
    role: roleField,
    createdAt: timeField,
    updatedAt: timeField,
  })
  .meta({ id: 'Member', description: 'A person of an account, in one role.' });
export type Member = z.output<typeof member>;
