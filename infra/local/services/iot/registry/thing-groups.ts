/** Thing groups, without parents, and which things are in them. */
import { randomUUID } from 'node:crypto';
import type { DatabaseSync } from 'node:sqlite';
import * as z from 'zod';
import type { Clock } from '../../../contract.ts';
import type { Arns } from '../arns.ts';
import { alreadyExists, limitExceeded, notFound, versionConflict } from '../errors.ts';
import type { Paging } from './rows.ts';
import { page } from './rows.ts';
import type { Things } from './things.ts';

export const groupProperties = z.strictObject({
  thingGroupDescription: z.string().optional(),
  attributePayload: z
    .strictObject({ attributes: z.record(z.string(), z.string()).optional(), merge: z.boolean().optional() })
    .optional(),
});
export type GroupProperties = z.infer<typeof groupProperties>;

const row = z.object({
  name: z.string(),
  id: z.string(),
  version: z.number(),
  created_at: z.number(),
  properties: z
    .string()
    .transform((text): unknown => JSON.parse(text))
    .pipe(groupProperties),
});
export type ThingGroup = Readonly<z.infer<typeof row>>;
export type ThingGroups = ReturnType<typeof createThingGroups>;

const MOST_GROUPS_OF_A_THING = 10;
const name = z.object({ name: z.string() }).transform((found) => found.name);

export function createThingGroups(
  db: DatabaseSync,
  { things, arns, clock }: { things: Things; arns: Arns; clock: Clock },
) {
  const select = db.prepare('SELECT name, id, properties, version, created_at FROM thing_groups WHERE name = ?');
  const insert = db.prepare('INSERT INTO thing_groups VALUES (?, ?, ?, 1, ?)');
  const remove = db.prepare('DELETE FROM thing_groups WHERE name = ?');
  const join = db.prepare('INSERT OR IGNORE INTO group_members VALUES (?, ?)');
  const leave = db.prepare('DELETE FROM group_members WHERE thing_group = ? AND thing = ?');
  const members = db.prepare(
    'SELECT thing AS name FROM group_members WHERE thing_group = ? AND thing > ? ORDER BY thing LIMIT ?',
  );
  const groups = db.prepare(
    'SELECT thing_group AS name FROM group_members WHERE thing = ? AND thing_group > ? ORDER BY thing_group LIMIT ?',
  );

  function find(group: string): ThingGroup | undefined {
    const found = select.get(group);
    return found && row.parse(found);
  }

  function get(group: string): ThingGroup {
    const found = find(group);
    if (!found) throw notFound(`Thing group ${group} not found`);
    return found;
  }

  return {
    get,
    create(group: string, properties: GroupProperties): ThingGroup {
      const existing = find(group);
      if (!existing) insert.run(group, randomUUID(), JSON.stringify(properties), clock.now());
      else if (JSON.stringify(existing.properties) !== JSON.stringify(properties))
        throw alreadyExists(group, arns.of('thinggroup', group));
      return get(group);
    },
    /** As on AWS, deleting what isn't there succeeds; its things stay, its policies are let go. */
    delete(group: string, expectedVersion?: number): void {
      const found = find(group);
      if (found && expectedVersion !== undefined && found.version !== expectedVersion)
        throw versionConflict(`The version for thing group ${group} does not match the expected version.`);
      remove.run(group);
    },
    add(group: string, thing: string): void {
      get(group);
      things.get(thing);
      const others = groups.all(thing, '', MOST_GROUPS_OF_A_THING).map((found) => name.parse(found));
      if (others.length === MOST_GROUPS_OF_A_THING && !others.includes(group))
        throw limitExceeded(`Thing ${thing} is in ${MOST_GROUPS_OF_A_THING} groups already`);
      join.run(group, thing);
    },
    remove(group: string, thing: string): void {
      get(group);
      things.get(thing);
      leave.run(group, thing);
    },
    things(group: string, paging: Paging) {
      get(group);
      return page(paging, (after, limit) => members.all(group, after, limit).map((found) => name.parse(found)), String);
    },
    groupsOf(thing: string, paging: Paging) {
      things.get(thing);
      return page(paging, (after, limit) => groups.all(thing, after, limit).map((found) => name.parse(found)), String);
    },
  };
}
