/** Rung by the routes of API clients. */
import { accountEdge } from '../../shared/api/account-edge.ts';
import { httpFunction } from '../../shared/api/edge.ts';
import { apiClientRoutes } from '../../shared/api-client/api-client-api.ts';
import { apiClientUseCases } from '../../shared/api-client/api-client-use-cases.ts';
import { callFunction } from '../../shared/platform/call-function.ts';
import { membersEnv, readEnv } from '../../shared/platform/env.ts';
import { callRegistrar } from '../../shared/registration/call-registrar.ts';
import { registrarAnswer } from '../../shared/registration/registrar-protocol.ts';

const env = readEnv(membersEnv);
const edge = accountEdge(env);
const register = callRegistrar(callFunction(edge.lambda, env.REGISTRAR_FUNCTION, registrarAnswer));

export const handler = httpFunction(apiClientRoutes, apiClientUseCases({ ...edge, register }), edge);
