/** Removes all properties of a thing that is deleted. */
import type { AccountSession } from '../platform/account-session.ts';
import { writeTogether } from '../platform/entity.ts';
import { type PropertyOwner, propertyPartition, propertyPrefix } from './property-keys.ts';
import { properties } from './property-store.ts';

export async function dropProperties(session: AccountSession, owner: PropertyOwner): Promise<void> {
  const partition = propertyPartition(session.account, owner);
  for (;;) {
    const { items } = await properties.list(session, partition, { limit: 25, prefix: propertyPrefix(owner) });
    if (items.length === 0) return;
    await writeTogether(
      session,
      items.map((item) => properties.remove(session, item)),
    );
  }
}
