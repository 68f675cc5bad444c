/**
 * The use cases of properties, the same on an account, a product and a device. `ownerOf` finds the thing and throws not-found for
 * one that isn't there.
 */
import type { AccountCaller } from '../api/caller.ts';
import { notFound } from '../api/errors.ts';
import { pageBody, pageStart } from '../api/page.ts';
import type { IfMatch } from '../api/route.ts';
import { overtaking, requireVersion } from '../api/versions.ts';
import { isoTime, type Now } from '../platform/clock.ts';
import { writeTogether } from '../platform/entity.ts';
import { type PropertyOwner, propertyKey, propertyPartition, propertyPrefix } from './property-keys.ts';
import { properties, type StoredProperty } from './property-store.ts';

const show = ({ sealed, updatedAt }: StoredProperty) => ({ ...sealed, updatedAt: isoTime(updatedAt) });

export function propertyUseCases<P extends object>(deps: {
  now: Now;
  /** The route's id up to `.properties`. */
  id: string;
  ownerOf: (caller: AccountCaller, params: P) => Promise<PropertyOwner>;
}) {
  const find = async (caller: AccountCaller, params: P & { name: string }) => {
    const owner = await deps.ownerOf(caller, params);
    const key = propertyKey(caller.account, await caller.session.key(), owner, params.name);
    return { key, stored: await properties.get(caller.session, key) };
  };

  return {
    listProperties: async (
      caller: AccountCaller,
      { params, query }: { params: P; query: { limit: number; cursor?: string | undefined } },
    ) => {
      const owner = await deps.ownerOf(caller, params);
      const scope = { route: `${deps.id}.properties.list`, filters: owner.id };
      const after = await pageStart(caller.session, scope, query.cursor);
      const page = await properties.list(caller.session, propertyPartition(caller.account, owner), {
        limit: query.limit,
        after,
        prefix: propertyPrefix(owner),
      });
      const body = await pageBody(caller.session, scope, page, show);
      return { body, next: body.next };
    },

    getProperty: async (caller: AccountCaller, { params }: { params: P & { name: string } }) => {
      const { stored } = await find(caller, params);
      if (!stored) throw notFound('property');
      return { body: show(stored), version: stored.version };
    },

    putProperty: async (
      caller: AccountCaller,
      { params, body: value, ifMatch }: { params: P & { name: string }; body: unknown; ifMatch: IfMatch },
    ) => {
      return overtaking(ifMatch, async () => {
        const { key, stored } = await find(caller, params);
        requireVersion(stored, ifMatch);
        const sealed = { name: params.name, value };
        const now = deps.now();
        const written = stored ? properties.change(stored, now, sealed) : properties.make(key, now, {}, sealed);
        await writeTogether(caller.session, [await properties.put(caller.session, written)]);
        return { body: show(written), version: written.version, status: stored ? (200 as const) : (201 as const) };
      });
    },

    deleteProperty: async (
      caller: AccountCaller,
      { params, ifMatch }: { params: P & { name: string }; ifMatch: IfMatch },
    ) => {
      return overtaking(ifMatch, async () => {
        const { stored } = await find(caller, params);
        if (!stored) throw notFound('property');
        requireVersion(stored, ifMatch);
        await writeTogether(caller.session, [properties.remove(caller.session, stored)]);
        return {};
      });
    },
  };
}
