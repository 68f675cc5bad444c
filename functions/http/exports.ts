/** Rung by the routes of exports. */
import { accountEdge } from '../../shared/api/account-edge.ts';
import { httpFunction } from '../../shared/api/edge.ts';
import { exportRoutes } from '../../shared/export/export-api.ts';
import { exportUseCases } from '../../shared/export/export-use-cases.ts';
import { jobStarts } from '../../shared/job/begin-job.ts';
import { jobStartEnv, readEnv } from '../../shared/platform/env.ts';

const env = readEnv(jobStartEnv);
const edge = accountEdge(env);

export const handler = httpFunction(exportRoutes, exportUseCases(jobStarts(edge, env)), edge);
