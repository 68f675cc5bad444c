/** AWS IoT's control plane, signing name `iot`. */
import type { AwsService } from '../../../contract.ts';
import { certificateRoutes } from './certificate-routes.ts';
import type { ControlPlane } from './control-plane-deps.ts';
import { endpointRoutes } from './endpoint-routes.ts';
import { policyRoutes } from './policy-routes.ts';
import { restService } from './rest.ts';
import { thingGroupRoutes } from './thing-group-routes.ts';
import { thingPrincipalRoutes } from './thing-principal-routes.ts';
import { thingRoutes } from './thing-routes.ts';

export const controlPlane = (deps: ControlPlane): AwsService =>
  restService('iot', 'AccessDeniedException', [
    ...thingRoutes(deps),
    ...thingGroupRoutes(deps),
    ...thingPrincipalRoutes(deps),
    ...policyRoutes(deps),
    ...certificateRoutes(deps),
    ...endpointRoutes(deps),
  ]);
