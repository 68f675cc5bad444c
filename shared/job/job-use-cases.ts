/** The use cases of jobs of one kind: list, get, cancel, retry. */
import type * as z from 'zod';
import type { AccountCaller } from '../api/caller.ts';
import type { UseCases } from '../api/edge.ts';
import { notFound } from '../api/errors.ts';
import { pageBody, pageStart } from '../api/page.ts';
import type { Output } from '../api/route.ts';
import type { AccountScope } from '../api/scopes.ts';
import { orStale, overtaking } from '../api/versions.ts';
import type { AccountSession } from '../platform/account-session.ts';
import type { Now } from '../platform/clock.ts';
import { writeTogether } from '../platform/entity.ts';
import { beginAgain, type JobStarts } from './begin-job.ts';
import {
  cancelledJob,
  isOver,
  type JobKindName,
  retriedJob,
  type ShownJob,
  seenJob,
  showJob,
  startedJob,
} from './job.ts';
import type { jobRoutes } from './job-api.ts';
import { jobs, type StoredJob } from './job-store.ts';

import { freeSlot } from './slot-store.ts';

export type { StoredJob };

type Routes<O extends z.ZodType> = ReturnType<typeof jobRoutes<AccountScope, AccountScope, O>>;

type Shown<O extends z.ZodType> = NonNullable<Output<Routes<O>['get']>['body']>;

/** Throws not-found for a job that isn't there, is of another kind, or another account's. */
async function findJob(session: AccountSession, kind: JobKindName, id: string): Promise<StoredJob> {
  const job = await jobs.find(session, kind, id);
  if (!job) throw notFound(kind);
  return job;
}

/** A job as use cases of its own kind work with it: what is known of it, and how its record goes. */
export async function jobRecord(deps: { now: Now }, session: AccountSession, kind: JobKindName, id: string) {
  const job = await findJob(session, kind, id);
  const show = ({ plain, updatedAt, createdAt }: StoredJob) =>
    showJob(seenJob(plain, updatedAt, deps.now()), createdAt);
  return {
    job,
    show,
    shown: show(job),
    isOver: isOver(seenJob(job.plain, job.updatedAt, deps.now())),
    remove: () => writeTogether(session, [jobs.remove(session, job)]),
    /** Begins it, or begins it again, with this input. Throws a conflict while it is under way. */
    start: async (starts: JobStarts, caller: AccountCaller, input: unknown) => {
      const plain = startedJob(seenJob(job.plain, job.updatedAt, deps.now()));
      return orStale(beginAgain(starts, caller, jobs.change(job, deps.now(), { input }, plain)));
    },
  };
}

export const jobUseCases = <O extends z.ZodType>(
  deps: JobStarts,
  kind: JobKindName,
  routes: Routes<O>,
  /** What a job of the kind shows, with what all show. */
  showing: (shown: ShownJob, job: StoredJob) => Shown<O>,
): UseCases<Routes<O>> => {
  const seen = ({ plain, updatedAt }: StoredJob) => seenJob(plain, updatedAt, deps.now());
  const show = (job: StoredJob) => showing(showJob(seen(job), job.createdAt), job);

  return {
    list: async ({ session }, { query }) => {
      const scope = { route: routes.list.id };
      const after = await pageStart(session, scope, query.cursor);
      const body = await pageBody(session, scope, await jobs.page(session, kind, { limit: query.limit, after }), show);
      return { body, next: body.next };
    },

    get: async ({ session }, { params }) => ({ body: show(await findJob(session, kind, params.id)) }),

    cancel: async ({ session }, { params }) =>
      overtaking(undefined, async () => {
        const job = await findJob(session, kind, params.id);
        const plain = cancelledJob(seen(job), deps.now());
        const changed = jobs.change(job, deps.now(), job.sealed, plain);
        await writeTogether(session, [await jobs.put(session, changed)]);
        if (isOver(plain)) await freeSlot(session, plain.id);
        return { body: show(changed) };
      }),

    retry: async (caller, { params }) => {
      const job = await findJob(caller.session, kind, params.id);
      const queued = jobs.change(job, deps.now(), job.sealed, retriedJob(seen(job)));
      const begun = await orStale(beginAgain(deps, caller, queued));
      return { body: show(begun), location: `${routes.list.path}/${params.id}` };
    },
  };
};
