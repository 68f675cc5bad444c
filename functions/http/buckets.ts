/** Rung by the routes of buckets. */
import { accountEdge } from '../../shared/api/account-edge.ts';
import { httpFunction } from '../../shared/api/edge.ts';
import { bucketRoutes } from '../../shared/bucket/bucket-api.ts';
import { bucketUseCases } from '../../shared/bucket/bucket-use-cases.ts';
import { accountEnv, readEnv } from '../../shared/platform/env.ts';

const edge = accountEdge(readEnv(accountEnv));

export const handler = httpFunction(bucketRoutes, bucketUseCases(edge), edge);
