/** Rung by the routes of readings and rejected messages. */
import { accountEdge } from '../../shared/api/account-edge.ts';
import { httpFunction } from '../../shared/api/edge.ts';
import { ROUTE_TABLE } from '../../shared/api/routes.ts';
import { jobStarts } from '../../shared/job/begin-job.ts';
import { jobStartEnv, readEnv } from '../../shared/platform/env.ts';
import { deleteReadings } from '../../shared/readings/delete-readings.ts';
import { queryReadings } from '../../shared/readings/query-readings.ts';
import { listRejectedMessages } from '../../shared/rejected-message/list-rejected-messages.ts';

const env = readEnv(jobStartEnv);
const edge = accountEdge(env);
const useCases = {
  query: queryReadings(edge),
  delete: deleteReadings(jobStarts(edge, env)),
  listRejected: listRejectedMessages(edge),
};

export const handler = httpFunction(ROUTE_TABLE.readings, useCases, edge);
