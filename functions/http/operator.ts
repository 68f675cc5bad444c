/** Rung by the routes of the operator. */
import { accountEdge } from '../../shared/api/account-edge.ts';
import { operatorIdempotency } from '../../shared/api/change-guards.ts';
import { httpFunction } from '../../shared/api/edge.ts';
import { operatorRoutes } from '../../shared/operator/operator-api.ts';
import { operatorUseCases } from '../../shared/operator/operator-use-cases.ts';
import { callFunction } from '../../shared/platform/call-function.ts';
import { membersEnv, readEnv } from '../../shared/platform/env.ts';
import { callRegistrar } from '../../shared/registration/call-registrar.ts';
import { registrarAnswer } from '../../shared/registration/registrar-protocol.ts';

const env = readEnv(membersEnv);
const edge = { ...accountEdge(env), idempotency: [operatorIdempotency] };
const register = callRegistrar(callFunction(edge.lambda, env.REGISTRAR_FUNCTION, registrarAnswer));

export const handler = httpFunction(operatorRoutes, operatorUseCases({ ...edge, register }), edge);
