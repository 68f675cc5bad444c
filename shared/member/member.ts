/** A member: a person of an account, in one role. The sign-in itself is Cognito's; name and e-mail are sealed here. */
import * as z from 'zod';
import { nameField, timeField } from '../api/fields.ts';
import { ROLES } from '../api/scopes.ts';
import { idSchema } from '../platform/ids.ts';

export const emailField = z.email().max(254).describe('An e-mail address.');

export const invitation = z.strictObject({ email: emailField, name: nameField, role: z.enum(ROLES) });

export const member = z.object({
  id: idSchema('member'),
  email: z.string(),
  name: z.string(),
  role: z.enum(ROLES),
  createdAt: timeField,
  updatedAt: timeField,
});
export type Member = z.output<typeof member>;
