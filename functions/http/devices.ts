/** Rung by the routes of devices and their credentials. */
import { accountEdge } from '../../shared/api/account-edge.ts';
import { httpFunction } from '../../shared/api/edge.ts';
import { deviceRoutes } from '../../shared/device/device-api.ts';
import { deviceUseCases } from '../../shared/device/device-use-cases.ts';
import { jobStarts } from '../../shared/job/begin-job.ts';
import { callFunction } from '../../shared/platform/call-function.ts';
import { devicesEnv, readEnv } from '../../shared/platform/env.ts';
import { callProvisioner } from '../../shared/provisioning/call-provisioner.ts';
import { provisionerAnswer } from '../../shared/provisioning/provisioner-protocol.ts';

const env = readEnv(devicesEnv);
const edge = accountEdge(env);
const provision = callProvisioner(callFunction(edge.lambda, env.PROVISIONER_FUNCTION, provisionerAnswer));

export const handler = httpFunction(deviceRoutes, deviceUseCases({ ...jobStarts(edge, env), provision }), edge);
