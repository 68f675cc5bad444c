/** Things and their attributes. Which certificate is whose stands in `thing-principals.ts`. */
import { randomUUID } from 'node:crypto';
import type { DatabaseSync } from 'node:sqlite';
import * as z from 'zod';
import type { Arns } from '../arns.ts';
import { alreadyExists, invalidRequest, notFound, versionConflict } from '../errors.ts';
import { attributesColumn, canonical } from './rows.ts';

const row = z.object({ name: z.string(), id: z.string(), attributes: attributesColumn, version: z.number() });
export type Thing = Readonly<z.infer<typeof row>>;
export type Attributes = Readonly<Record<string, string>>;
export type Things = ReturnType<typeof createThings>;

/** AWS's limit for a thing without a thing type; the laptop has no thing types. */
const MOST_ATTRIBUTES = 3;
const ATTRIBUTE_NAME = /^[a-zA-Z0-9_.,@/:#-]{1,128}$/;
const ATTRIBUTE_VALUE = /^[a-zA-Z0-9_.,@/:#=[\]-]{0,800}$/;

export function createThings(db: DatabaseSync, arns: Arns) {
  const select = db.prepare('SELECT name, id, attributes, version FROM things WHERE name = ?');
  const insert = db.prepare('INSERT INTO things VALUES (?, ?, ?, 1)');
  const update = db.prepare('UPDATE things SET attributes = ?, version = version + 1 WHERE name = ?');
  const remove = db.prepare('DELETE FROM things WHERE name = ?');

  function find(name: string): Thing | undefined {
    const found = select.get(name);
    return found && row.parse(found);
  }

  function get(name: string): Thing {
    const thing = find(name);
    if (!thing) throw notFound(`Thing ${name} not found`);
    return thing;
  }

  return {
    find,
    get,
    /** As on AWS: the same thing again succeeds, one with other attributes is a conflict. */
    create(name: string, attributes: Attributes): Thing {
      check(attributes);
      const existing = find(name);
      if (!existing) insert.run(name, randomUUID(), canonical(attributes));
      else if (canonical(existing.attributes) !== canonical(attributes))
        throw alreadyExists(name, arns.of('thing', name));
      return get(name);
    },
    update(
      name: string,
      change: { attributes: Attributes; merge: boolean; expectedVersion?: number | undefined },
    ): void {
      const thing = get(name);
      checkVersion(thing, change.expectedVersion);
      const attributes = change.merge ? { ...thing.attributes, ...change.attributes } : change.attributes;
      // An empty value takes the attribute away.
      const kept = Object.fromEntries(Object.entries(attributes).filter(([, value]) => value !== ''));
      check(kept);
      update.run(canonical(kept), name);
    },
    /** As on AWS, deleting what isn't there succeeds. The caller sees to it that nothing is attached. */
    delete(name: string, expectedVersion?: number): void {
      const thing = find(name);
      if (!thing) return;
      checkVersion(thing, expectedVersion);
      remove.run(name);
    },
  };
}

function check(attributes: Attributes): void {
  const entries = Object.entries(attributes);
  if (entries.length > MOST_ATTRIBUTES)
    throw invalidRequest(`a thing without a thing type has at most ${MOST_ATTRIBUTES} attributes`);
  for (const [name, value] of entries)
    if (!ATTRIBUTE_NAME.test(name) || !ATTRIBUTE_VALUE.test(value)) throw invalidRequest(`invalid attribute ${name}`);
}

function checkVersion(thing: Thing, expected: number | undefined): void {
  if (expected !== undefined && expected !== thing.version)
    throw versionConflict(`The version for thing ${thing.name} does not match the expected version.`);
}
