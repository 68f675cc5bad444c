/** Rung by the routes of readings and rejected messages. */
import { accountEdge } from '../../shared/api/account-edge.ts';
import { httpFunction } from '../../shared/api/edge.ts';
import { ROUTE_TABLE } from '../../shared/api/routes.ts';
import { accountEnv, readEnv } from '../../shared/platform/env.ts';
import { latestReadings } from '../../shared/readings/latest-readings.ts';
import { queryReadings } from '../../shared/readings/query-readings.ts';
import { listRejectedMessages } from '../../shared/rejected-message/list-rejected-messages.ts';

const edge = accountEdge(readEnv(accountEnv));
const useCases = {
  query: queryReadings(edge),
  latest: latestReadings(edge),
  listRejected: listRejectedMessages(edge),
};

export const handler = httpFunction(ROUTE_TABLE.readings, useCases, edge);
