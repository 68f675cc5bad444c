/** AWS IoT's control plane, signing name `iot`. */
import type { AwsService } from '../../../contract.ts';
import type { Arns } from '../arns.ts';
import type { CertificateAuthority } from '../pki/certificate-authority.ts';
import type { DomainConfigurations } from '../providers/domain-configuration.ts';
import type { Registry } from '../registry/registry.ts';
import { certificateRoutes } from './certificate-routes.ts';
import { endpointRoutes } from './endpoint-routes.ts';
import { policyRoutes } from './policy-routes.ts';
import { restService } from './rest.ts';
import { thingGroupRoutes } from './thing-group-routes.ts';
import { thingPrincipalRoutes } from './thing-principal-routes.ts';
import { thingRoutes } from './thing-routes.ts';

export interface ControlPlane {
  readonly registry: Registry;
  readonly arns: Arns;
  readonly ca: CertificateAuthority;
  readonly domains: DomainConfigurations;
}

export const controlPlane = (deps: ControlPlane): AwsService =>
  restService('iot', 'AccessDeniedException', [
    ...thingRoutes(deps),
    ...thingGroupRoutes(deps),
    ...thingPrincipalRoutes(deps),
    ...policyRoutes(deps),
    ...certificateRoutes(deps),
    ...endpointRoutes(deps),
  ]);
