/** Rung by the routes of buckets. */
import { accountEdge } from '../../shared/api/account-edge.ts';
import { httpFunction } from '../../shared/api/edge.ts';
import { bucketRoutes } from '../../shared/bucket/bucket-api.ts';
import { bucketUseCases } from '../../shared/bucket/bucket-use-cases.ts';
import { jobStarts } from '../../shared/job/begin-job.ts';
import { jobStartEnv, readEnv } from '../../shared/platform/env.ts';

const env = readEnv(jobStartEnv);
const edge = accountEdge(env);

export const handler = httpFunction(bucketRoutes, bucketUseCases(jobStarts(edge, env)), edge);
