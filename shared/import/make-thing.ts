/**
 * A thing of an archive, made here once. One of the same id that stands here is itself; else what was imported under that id before is
 * it; else it is made, under an id of its own that is written down first, so that whoever is killed in between goes on with it.
 */
import type { TransactWriteItem } from '@aws-sdk/client-dynamodb';
import type { AccountSession } from '../platform/account-session.ts';
import { definedJson } from '../platform/defined.ts';
import { equalJson } from '../platform/json-value.ts';
import { Contention } from '../platform/transact.ts';
import { type Origin, origins } from './origin-store.ts';

export type Fate = 'created' | 'unchanged' | 'kept';

interface Dated {
  readonly id: string;
  readonly createdAt: string;
  readonly updatedAt: string;
}

export interface KindOfThing<D extends Dated> {
  /** As it stands here. */
  find(session: AccountSession, id: string): Promise<D | undefined>;
  newId(): string;
  /** Throws where it stands already. */
  make(document: D, alongside: TransactWriteItem[]): Promise<void>;
}

const TRIES = 5;

/** What a person would call a change: neither the id nor when it was made. */
const essence = ({ id: _id, createdAt: _createdAt, updatedAt: _updatedAt, ...rest }: Dated) => definedJson(rest);
const isSame = (one: Dated, other: Dated): boolean => equalJson(essence(one), essence(other));

/** `document`: refers to ids of here. Answers the id that it has here; of a dry run, the one of before where it would be made. */
export async function makeThing<D extends Dated>(
  session: AccountSession,
  kind: KindOfThing<D>,
  document: D,
  { dryRun, run }: { dryRun: boolean; run: string },
): Promise<{ id: string; fate: Fate }> {
  const source = document.id;
  const fateOf = (found: D) => (isSame(found, document) ? ('unchanged' as const) : ('kept' as const));
  for (let tries = 1; tries <= TRIES; tries++) {
    const itself = await kind.find(session, source);
    if (itself) return { id: source, fate: fateOf(itself) };
    const origin = (await origins.find(session, [source])).get(source);
    const found = origin && (await kind.find(session, origin.id));
    // A step that is done again finds what it made itself.
    if (origin && found) return { id: origin.id, fate: origin.by === run ? 'created' : fateOf(found) };
    if (dryRun) return { id: source, fate: 'created' };
    const id = await idFor(session, kind, { source, run }, origin);
    if (id === undefined) continue;
    await kind.make({ ...document, id }, [origins.made(session, source, { id, by: run })]);
    return { id, fate: 'created' };
  }
  throw new Contention(new Error('A thing was imported and deleted again and again.'));
}

/** What was begun is gone on with; what was made and is gone was deleted, and its id is never used again. */
async function idFor<D extends Dated>(
  session: AccountSession,
  kind: KindOfThing<D>,
  { source, run }: { source: string; run: string },
  origin: Origin | undefined,
): Promise<string | undefined> {
  if (origin && !origin.made) return origin.id;
  const id = kind.newId();
  return (await origins.claim(session, source, { id, by: run }, origin)) ? id : undefined;
}
