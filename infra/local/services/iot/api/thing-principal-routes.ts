import * as z from 'zod';
import { invalidRequest } from '../errors.ts';
import { page } from '../registry/rows.ts';
import { principalType } from '../registry/thing-principals.ts';
import type { ControlPlane } from './control-plane-deps.ts';
import type { Route } from './rest.ts';
import { on, pageSize, resourceName, route } from './rest.ts';

export function thingPrincipalRoutes({ registry, arns }: Pick<ControlPlane, 'registry' | 'arns'>): Route[] {
  const thing = (name: string) => arns.of('thing', name);
  const headers = { 'x-amzn-principal': 'principal' };
  const principal = z.string().transform((arn) => {
    const certificate = arns.nameIn('cert', arn);
    if (certificate === undefined) throw invalidRequest('A principal must be a certificate of this account.');
    return certificate;
  });
  const list = z.strictObject({
    thingName: resourceName,
    nextToken: z.string().optional(),
    maxResults: pageSize.optional(),
  });

  function attached(thingName: string, paging: { nextToken?: string | undefined; maxResults?: number | undefined }) {
    registry.things.get(thingName);
    const all = registry.principals.ofThing(thingName);
    return page(
      paging,
      (after, limit) => all.filter(({ certificate }) => certificate > after).slice(0, limit),
      ({ certificate }) => certificate,
    );
  }

  return [
    // AWS has no resource types for these two: a role's policy must name `*`, and one that names things gets nowhere.
    route({
      name: 'AttachThingPrincipal',
      method: 'PUT',
      path: '/things/{thingName}/principals',
      headers,
      input: z.strictObject({
        thingName: resourceName,
        principal,
        thingPrincipalType: principalType.default('NON_EXCLUSIVE_THING'),
      }),
      demands: () => on('AttachThingPrincipal', '*'),
      run: ({ thingName, principal: certificate, thingPrincipalType }) => {
        registry.principals.attach(thingName, certificate, thingPrincipalType);
        return undefined;
      },
    }),
    route({
      name: 'DetachThingPrincipal',
      method: 'DELETE',
      path: '/things/{thingName}/principals',
      headers,
      input: z.strictObject({ thingName: resourceName, principal }),
      demands: () => on('DetachThingPrincipal', '*'),
      run: ({ thingName, principal: certificate }) => {
        registry.principals.detach(thingName, certificate);
        return undefined;
      },
    }),
    route({
      name: 'ListThingPrincipals',
      method: 'GET',
      path: '/things/{thingName}/principals',
      input: list,
      demands: ({ thingName }) => on('ListThingPrincipals', thing(thingName)),
      run: ({ thingName, ...paging }) => {
        const { items, nextToken } = attached(thingName, paging);
        return { principals: items.map(({ certificate }) => arns.of('cert', certificate)), nextToken };
      },
    }),
    route({
      name: 'ListThingPrincipalsV2',
      method: 'GET',
      path: '/things/{thingName}/principals-v2',
      input: list.extend({ thingPrincipalType: principalType.optional() }),
      demands: ({ thingName }) => on('ListThingPrincipalsV2', thing(thingName)),
      run: ({ thingName, thingPrincipalType, ...paging }) => {
        const { items, nextToken } = attached(thingName, paging);
        const wanted = items.filter(({ type }) => thingPrincipalType === undefined || type === thingPrincipalType);
        return {
          thingPrincipalObjects: wanted.map(({ certificate, type }) => ({
            principal: arns.of('cert', certificate),
            thingPrincipalType: type,
          })),
          nextToken,
        };
      },
    }),
  ];
}
