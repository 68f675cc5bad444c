/**
 * An account: a customer of the instance; the tenant, the unit of isolation. This room owns its profile. Whether it is active or
 * suspended stands in the directory, where the authorizer, the broker and ingest see it.
 */
import * as z from 'zod';
import { nameField, timeField, timeZoneField } from '../api/fields.ts';
import { idSchema } from '../platform/ids.ts';

export const accountProfile = z.object({
  name: nameField,
  timeZone: timeZoneField.optional(),
});

export const account = accountProfile
  .extend({
    id: idSchema('account'),
    createdAt: timeField,
    updatedAt: timeField,
  })
  .meta({ id: 'Account' });
export type Account = z.output<typeof account>;
