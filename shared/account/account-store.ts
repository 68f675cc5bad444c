/** The account's profile at rest. */
import * as z from 'zod';
import { type EntityOf, entityKind } from '../platform/entity.ts';
import { accountProfile } from './account.ts';

export const accounts = entityKind('accounts', { plain: z.object({}), sealed: accountProfile });
export type StoredAccount = EntityOf<typeof accounts>;
