import * as z from 'zod';
import { invalidRequest } from '../errors.ts';
import type { ControlPlane } from './control-plane-deps.ts';
import type { Route } from './rest.ts';
import { on, resourceName, route, version } from './rest.ts';

const attributePayload = z.strictObject({
  attributes: z.record(z.string(), z.string()).default({}),
  merge: z.boolean().default(false),
});

export function thingRoutes({ registry, arns }: Pick<ControlPlane, 'registry' | 'arns'>): Route[] {
  const thing = (name: string) => arns.of('thing', name);
  return [
    route({
      name: 'CreateThing',
      method: 'POST',
      path: '/things/{thingName}',
      input: z.strictObject({ thingName: resourceName, attributePayload: attributePayload.optional() }),
      demands: ({ thingName }) => on('CreateThing', thing(thingName)),
      run: ({ thingName, attributePayload: payload }) => {
        const { name, id } = registry.things.create(thingName, payload?.attributes ?? {});
        return { thingName: name, thingArn: thing(name), thingId: id };
      },
    }),
    route({
      name: 'UpdateThing',
      method: 'PATCH',
      path: '/things/{thingName}',
      input: z.strictObject({ thingName: resourceName, attributePayload, expectedVersion: version.optional() }),
      demands: ({ thingName }) => on('UpdateThing', thing(thingName)),
      run: ({ thingName, attributePayload: change, expectedVersion }) => {
        registry.things.update(thingName, { ...change, expectedVersion });
        return undefined;
      },
    }),
    route({
      name: 'DescribeThing',
      method: 'GET',
      path: '/things/{thingName}',
      input: z.strictObject({ thingName: resourceName }),
      demands: ({ thingName }) => on('DescribeThing', thing(thingName)),
      run: ({ thingName }) => {
        const { name, id, attributes, version: current } = registry.things.get(thingName);
        return {
          defaultClientId: name,
          thingName: name,
          thingId: id,
          thingArn: thing(name),
          attributes,
          version: current,
        };
      },
    }),
    route({
      name: 'DeleteThing',
      method: 'DELETE',
      path: '/things/{thingName}',
      input: z.strictObject({ thingName: resourceName, expectedVersion: version.optional() }),
      demands: ({ thingName }) => on('DeleteThing', thing(thingName)),
      run: ({ thingName, expectedVersion }) => {
        registry.atomically(() => {
          if (registry.principals.ofThing(thingName).length > 0)
            throw invalidRequest(`Cannot delete. Thing ${thingName} is still attached to one or more principals`);
          registry.things.delete(thingName, expectedVersion);
        });
        return undefined;
      },
    }),
  ];
}
