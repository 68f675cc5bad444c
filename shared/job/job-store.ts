/** Jobs at rest. What a job is to do may name what the customer named, so it is sealed; all else is ids, counts and times. */
import * as z from 'zod';
import type { AccountSession } from '../platform/account-session.ts';
import { type EntityOf, entityKind } from '../platform/entity.ts';
import { type JobKindName, job } from './job.ts';
import { jobKey, jobPartition } from './job-keys.ts';

const kind = entityKind('jobs', {
  plain: job,
  sealed: z.object({ input: z.unknown(), report: z.unknown().optional() }),
});
export type StoredJob = EntityOf<typeof kind>;

export const jobs = {
  ...kind,

  find: (session: AccountSession, of: JobKindName, id: string) => kind.get(session, jobKey(session.account, of, id)),

  /** The newest first. */
  page: (session: AccountSession, of: JobKindName, options: { limit: number; after?: string | undefined }) =>
    kind.list(session, jobPartition(session.account, of), { ...options, newestFirst: true }),
};
