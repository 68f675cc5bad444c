/** Rung by the routes of deletions. */
import { accountEdge } from '../../shared/api/account-edge.ts';
import { httpFunction } from '../../shared/api/edge.ts';
import { deletionRoutes } from '../../shared/deletion/deletion-api.ts';
import { jobStarts } from '../../shared/job/begin-job.ts';
import { jobUseCases } from '../../shared/job/job-use-cases.ts';
import { jobStartEnv, readEnv } from '../../shared/platform/env.ts';

const env = readEnv(jobStartEnv);
const edge = accountEdge(env);

export const handler = httpFunction(
  deletionRoutes,
  jobUseCases(jobStarts(edge, env), 'deletion', deletionRoutes, (shown) => shown),
  edge,
);
