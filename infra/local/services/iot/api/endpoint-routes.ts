import * as z from 'zod';
import { DOMAIN_NAME } from '../providers/domain-configuration.ts';
import type { ControlPlane } from './control-plane-deps.ts';
import type { Route } from './rest.ts';
import { on, route } from './rest.ts';

export function endpointRoutes({ domains }: Pick<ControlPlane, 'domains'>): Route[] {
  return [
    route({
      name: 'DescribeEndpoint',
      method: 'GET',
      path: '/endpoint',
      // AWS's default, iot:Data, is the endpoint of a retired CA; asking for it is a mistake that the laptop shows.
      input: z.strictObject({ endpointType: z.literal('iot:Data-ATS') }),
      demands: () => on('DescribeEndpoint', '*'),
      run: () => ({ endpointAddress: DOMAIN_NAME }),
    }),
    route({
      name: 'DescribeDomainConfiguration',
      method: 'GET',
      path: '/domainConfigurations/{domainConfigurationName}',
      input: z.strictObject({ domainConfigurationName: z.string().regex(/^[\w.-]{1,128}$/) }),
      demands: (input) => on('DescribeDomainConfiguration', domains.arn(input.domainConfigurationName)),
      run: (input) => domains.describe(input.domainConfigurationName),
    }),
  ];
}
