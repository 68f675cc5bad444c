/** Rung by the routes of readings and rejected messages. */
import { ulid } from 'ulid';
import { accountEdge } from '../../shared/api/account-edge.ts';
import { httpFunction } from '../../shared/api/edge.ts';
import { ROUTE_TABLE } from '../../shared/api/routes.ts';
import { accountEnv, readEnv } from '../../shared/platform/env.ts';
import { queryReadings } from '../../shared/readings/query-readings.ts';
import { writeReadings } from '../../shared/readings/write-readings.ts';
import { listRejectedMessages } from '../../shared/rejected-message/list-rejected-messages.ts';

const edge = accountEdge(readEnv(accountEnv));
const useCases = {
  query: queryReadings(edge),
  write: writeReadings({ ...edge, newBlockId: () => ulid() }),
  listRejected: listRejectedMessages(edge),
};

export const handler = httpFunction(ROUTE_TABLE.readings, useCases, edge);
