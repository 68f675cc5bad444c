/** Rung by the routes of connectors. */
import { randomBytes } from 'node:crypto';
import { accountEdge } from '../../shared/api/account-edge.ts';
import { httpFunction } from '../../shared/api/edge.ts';
import { connectorRoutes } from '../../shared/connector/connector-api.ts';
import { connectorUseCases } from '../../shared/connector/connector-use-cases.ts';
import { callFunction } from '../../shared/platform/call-function.ts';
import { connectorsEnv, readEnv } from '../../shared/platform/env.ts';
import { callRegistrar } from '../../shared/registration/call-registrar.ts';
import { registrarAnswer } from '../../shared/registration/registrar-protocol.ts';

const env = readEnv(connectorsEnv);
const edge = accountEdge(env);
const register = callRegistrar(callFunction(edge.lambda, env.REGISTRAR_FUNCTION, registrarAnswer));
const newSecret = () => randomBytes(32).toString('base64url');

export const handler = httpFunction(
  connectorRoutes,
  connectorUseCases({ ...edge, register, newSecret, apiUrl: env.API_URL }),
  edge,
);
