/** Rung by the routes of readings and rejected messages. */
import { ulid } from 'ulid';
import { accountEdge } from '../../shared/api/account-edge.ts';
import { httpFunction } from '../../shared/api/edge.ts';
import { ROUTE_TABLE } from '../../shared/api/routes.ts';
import { jobStarts } from '../../shared/job/begin-job.ts';
import { callFunction } from '../../shared/platform/call-function.ts';
import { readEnv, readingsEnv } from '../../shared/platform/env.ts';
import { deleteReadings } from '../../shared/readings/delete-readings.ts';
import { latestReadings } from '../../shared/readings/latest-readings.ts';
import { queryReadings } from '../../shared/readings/query-readings.ts';
import { writeReadings } from '../../shared/readings/write-readings.ts';
import { announceBy, callRegistrar } from '../../shared/registration/call-registrar.ts';
import { registrarAnswer } from '../../shared/registration/registrar-protocol.ts';
import { listRejectedMessages } from '../../shared/rejected-message/list-rejected-messages.ts';
import { announcer } from '../../shared/work/due.ts';

const env = readEnv(readingsEnv);
const edge = accountEdge(env);
const register = callRegistrar(callFunction(edge.lambda, env.REGISTRAR_FUNCTION, registrarAnswer));
const useCases = {
  query: queryReadings(edge),
  latest: latestReadings(edge),
  write: writeReadings({ ...edge, announce: announcer(announceBy(register)), newBlockId: (at) => ulid(at) }),
  delete: deleteReadings(jobStarts(edge, env)),
  listRejected: listRejectedMessages(edge),
};

export const handler = httpFunction(ROUTE_TABLE.readings, useCases, edge);
