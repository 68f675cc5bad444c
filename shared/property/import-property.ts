/** Properties of an import: written where none of the name stands, with the times of their archive. */

import type { AccountSession } from '../platform/account-session.ts';
import { definedJson } from '../platform/defined.ts';
import { ConditionFailed, writeTogether } from '../platform/entity.ts';
import { equalJson } from '../platform/json-value.ts';
import type { PropertyDocument } from './archived-properties.ts';
import { type PropertyOwner, propertyKey } from './property-keys.ts';
import { properties } from './property-store.ts';

export type { PropertyOwner };

/** Answers whether it was made, or the same stands there, or another one, which is kept. `dryRun`: nothing is written. */
export async function importProperty(
  session: AccountSession,
  owner: PropertyOwner,
  { name, value, createdAt, updatedAt }: Omit<PropertyDocument, 'on'>,
  { dryRun }: { dryRun: boolean },
): Promise<'created' | 'unchanged' | 'kept'> {
  const key = propertyKey(session.account, await session.key(), owner, name);
  const stands = await properties.get(session, key);
  if (stands) return equalJson(definedJson(stands.sealed.value), definedJson(value)) ? 'unchanged' : 'kept';
  if (dryRun) return 'created';
  const made = properties.make(key, Date.parse(createdAt), {}, { name, value });
  try {
    await writeTogether(session, [await properties.put(session, { ...made, updatedAt: Date.parse(updatedAt) })]);
    return 'created';
  } catch (error) {
    // Somebody wrote it meanwhile.
    if (error instanceof ConditionFailed) return 'kept';
    throw error;
  }
}
