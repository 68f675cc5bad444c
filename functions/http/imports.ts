/** Rung by the routes of imports. */
import { accountEdge } from '../../shared/api/account-edge.ts';
import { httpFunction } from '../../shared/api/edge.ts';
import { importRoutes } from '../../shared/import/import-api.ts';
import { importUseCases } from '../../shared/import/import-use-cases.ts';
import { jobStarts } from '../../shared/job/begin-job.ts';
import { jobStartEnv, readEnv } from '../../shared/platform/env.ts';

const env = readEnv(jobStartEnv);
const edge = accountEdge(env);

export const handler = httpFunction(importRoutes, importUseCases(jobStarts(edge, env)), edge);
