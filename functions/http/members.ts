/** Rung by the routes of members. */
import { accountEdge } from '../../shared/api/account-edge.ts';
import { httpFunction } from '../../shared/api/edge.ts';
import { memberRoutes } from '../../shared/member/member-api.ts';
import { memberUseCases } from '../../shared/member/member-use-cases.ts';
import { callFunction } from '../../shared/platform/call-function.ts';
import { membersEnv, readEnv } from '../../shared/platform/env.ts';
import { callRegistrar } from '../../shared/registration/call-registrar.ts';
import { registrarAnswer } from '../../shared/registration/registrar-protocol.ts';

const env = readEnv(membersEnv);
const edge = accountEdge(env);
const register = callRegistrar(callFunction(edge.lambda, env.REGISTRAR_FUNCTION, registrarAnswer));

export const handler = httpFunction(memberRoutes, memberUseCases({ ...edge, register }), edge);
