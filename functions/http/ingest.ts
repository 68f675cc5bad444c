/** Rung by whoever posts to a connector's address: without a token, and without the gateway's authorizer. */
import { LambdaClient } from '@aws-sdk/client-lambda';
import { ulid } from 'ulid';
import { connectorEdge } from '../../shared/api/connector-edge.ts';
import { httpFunction } from '../../shared/api/edge.ts';
import { ingestRoutes } from '../../shared/connector/connector-api.ts';
import { receiveUplinks } from '../../shared/connector/receive-uplinks.ts';
import { callFunction } from '../../shared/platform/call-function.ts';
import { connectorIngestEnv, readEnv } from '../../shared/platform/env.ts';
import { newId } from '../../shared/platform/ids.ts';
import { callProvisioner } from '../../shared/provisioning/call-provisioner.ts';
import { provisionerAnswer } from '../../shared/provisioning/provisioner-protocol.ts';
import { announceBy, callRegistrar } from '../../shared/registration/call-registrar.ts';
import { registrarAnswer } from '../../shared/registration/registrar-protocol.ts';
import { announcer } from '../../shared/work/due.ts';

const env = readEnv(connectorIngestEnv);
const lambda = new LambdaClient({});
const provision = callProvisioner(callFunction(lambda, env.PROVISIONER_FUNCTION, provisionerAnswer));
const register = callRegistrar(callFunction(lambda, env.REGISTRAR_FUNCTION, registrarAnswer));
const announce = announcer(announceBy(register));
const deps = { now: Date.now, newId, newBlockId: (at: number) => ulid(at), provision, announce };

export const handler = httpFunction(ingestRoutes, { receive: receiveUplinks(deps) }, connectorEdge(env, lambda));
