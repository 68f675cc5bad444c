/** Rung by the routes of products. */
import { accountEdge } from '../../shared/api/account-edge.ts';
import { httpFunction } from '../../shared/api/edge.ts';
import { jobStarts } from '../../shared/job/begin-job.ts';
import { callFunction } from '../../shared/platform/call-function.ts';
import { devicesEnv, readEnv } from '../../shared/platform/env.ts';
import { productRoutes } from '../../shared/product/product-api.ts';
import { productUseCases } from '../../shared/product/product-use-cases.ts';
import { callProvisioner } from '../../shared/provisioning/call-provisioner.ts';
import { provisionerAnswer } from '../../shared/provisioning/provisioner-protocol.ts';

const env = readEnv(devicesEnv);
const edge = accountEdge(env);
const provision = callProvisioner(callFunction(edge.lambda, env.PROVISIONER_FUNCTION, provisionerAnswer));

export const handler = httpFunction(productRoutes, productUseCases({ ...jobStarts(edge, env), provision }), edge);
