/** The registry: every table of `database.ts`, each behind the file that owns it. */
import type { Clock } from '../../../contract.ts';
import { atomically } from '../../sqlite.ts';
import type { Arns } from '../arns.ts';
import type { Certificates } from './certificates.ts';
import { createCertificates } from './certificates.ts';
import { openDatabase } from './database.ts';
import type { Policies } from './policies.ts';
import { createPolicies } from './policies.ts';
import type { Sessions } from './sessions.ts';
import { createSessions } from './sessions.ts';
import type { ThingGroups } from './thing-groups.ts';
import { createThingGroups } from './thing-groups.ts';
import type { ThingPrincipals } from './thing-principals.ts';
import { createThingPrincipals } from './thing-principals.ts';
import type { Things } from './things.ts';
import { createThings } from './things.ts';

export interface Registry {
  readonly things: Things;
  readonly groups: ThingGroups;
  readonly certificates: Certificates;
  readonly principals: ThingPrincipals;
  readonly policies: Policies;
  readonly sessions: Sessions;
  /** All of `work`, or nothing. It must not await. */
  atomically<T>(work: () => T): T;
  close(): void;
}

export function openRegistry(dir: string, { arns, clock }: { arns: Arns; clock: Clock }): Registry {
  const db = openDatabase(dir);
  const things = createThings(db, arns);
  const groups = createThingGroups(db, { things, arns, clock });
  const certificates = createCertificates(db, clock);
  return {
    things,
    groups,
    certificates,
    principals: createThingPrincipals(db, { things, certificates }),
    policies: createPolicies(db, { certificates, groups, arns }),
    sessions: createSessions(db, clock),
    atomically: (work) => atomically(db, work),
    close: () => db.close(),
  };
}
