/** Which certificate belongs to which thing. */
import type { DatabaseSync } from 'node:sqlite';
import * as z from 'zod';
import { invalidRequest } from '../errors.ts';
import type { Certificates } from './certificates.ts';
import type { Things } from './things.ts';

export const principalType = z.enum(['EXCLUSIVE_THING', 'NON_EXCLUSIVE_THING']);
export type PrincipalType = z.infer<typeof principalType>;

const row = z.object({ thing: z.string(), certificate: z.string(), type: principalType });
export type ThingPrincipals = ReturnType<typeof createThingPrincipals>;

export function createThingPrincipals(
  db: DatabaseSync,
  { things, certificates }: { things: Things; certificates: Certificates },
) {
  const byThing = db.prepare('SELECT * FROM thing_principals WHERE thing = ? ORDER BY certificate');
  const byCertificate = db.prepare('SELECT * FROM thing_principals WHERE certificate = ? ORDER BY thing');
  const insert = db.prepare('INSERT OR REPLACE INTO thing_principals VALUES (?, ?, ?)');
  const remove = db.prepare('DELETE FROM thing_principals WHERE thing = ? AND certificate = ?');

  const ofCertificate = (certificate: string) => byCertificate.all(certificate).map((found) => row.parse(found));

  return {
    ofCertificate,
    ofThing: (thing: string) => byThing.all(thing).map((found) => row.parse(found)),
    attach(thing: string, certificate: string, type: PrincipalType): void {
      things.get(thing);
      certificates.get(certificate);
      const others = ofCertificate(certificate).filter((other) => other.thing !== thing);
      if (others.some((other) => other.type === 'EXCLUSIVE_THING') || (type === 'EXCLUSIVE_THING' && others.length > 0))
        throw invalidRequest('The principal is attached to another thing, and one of the two wants it exclusively.');
      insert.run(thing, certificate, type);
    },
    detach(thing: string, certificate: string): void {
      things.get(thing);
      certificates.get(certificate);
      remove.run(thing, certificate);
    },
  };
}
