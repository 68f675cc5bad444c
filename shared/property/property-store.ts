/** Properties at rest: name and value sealed. */
import * as z from 'zod';
import { type EntityOf, entityKind } from '../platform/entity.ts';

export const properties = entityKind('properties', {
  plain: z.object({}),
  sealed: z.object({ name: z.string(), value: z.unknown() }),
});
export type StoredProperty = EntityOf<typeof properties>;
