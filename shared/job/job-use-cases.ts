/** The use cases of jobs of one kind: list, get, cancel, retry. */
import type { UseCases } from '../api/edge.ts';
import { notFound } from '../api/errors.ts';
import { pageBody, pageStart } from '../api/page.ts';
import { orStale, overtaking } from '../api/versions.ts';
import type { AccountSession } from '../platform/account-session.ts';
import { writeTogether } from '../platform/entity.ts';
import { beginAgain, type JobStarts } from './begin-job.ts';
import { cancelledJob, isOver, type JobKindName, retriedJob, seenJob, showJob } from './job.ts';
import type { jobRoutes } from './job-api.ts';
import { jobs, type StoredJob } from './job-store.ts';
import { freeSlot } from './slot-store.ts';

type Routes = ReturnType<typeof jobRoutes>;

async function findJob(session: AccountSession, kind: JobKindName, id: string): Promise<StoredJob> {
  const job = await jobs.find(session, kind, id);
  if (!job) throw notFound(kind);
  return job;
}

export const jobUseCases = (deps: JobStarts, kind: JobKindName, routes: Routes): UseCases<Routes> => {
  const seen = ({ plain, updatedAt }: StoredJob) => seenJob(plain, updatedAt, deps.now());
  const show = (job: StoredJob) => showJob(seen(job), job.createdAt);

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
