import * as z from 'zod';
import { invalidRequest } from '../errors.ts';
import { groupProperties } from '../registry/thing-groups.ts';
import type { ControlPlane } from './control-plane-deps.ts';
import type { Route } from './rest.ts';
import { flag, on, pageSize, resourceName, route, version } from './rest.ts';

export function thingGroupRoutes({ registry, arns }: Pick<ControlPlane, 'registry' | 'arns'>): Route[] {
  const group = (name: string) => arns.of('thinggroup', name);
  const thing = (name: string) => arns.of('thing', name);

  /** AWS takes names or ARNs; which of them, the laptop tells apart here. */
  const membership = z
    .strictObject({
      thingGroupName: resourceName.optional(),
      thingGroupArn: z.string().optional(),
      thingName: resourceName.optional(),
      thingArn: z.string().optional(),
    })
    .transform((names) => ({
      thingGroupName: names.thingGroupName ?? arns.nameIn('thinggroup', names.thingGroupArn ?? ''),
      thingName: names.thingName ?? arns.nameIn('thing', names.thingArn ?? ''),
    }))
    .transform(({ thingGroupName, thingName }) => {
      if (!thingGroupName || !thingName) throw invalidRequest('A thing group and a thing must be named.');
      return { thingGroupName, thingName };
    });
  const paging = { nextToken: z.string().optional(), maxResults: pageSize.optional() };

  return [
    route({
      name: 'CreateThingGroup',
      method: 'POST',
      path: '/thing-groups/{thingGroupName}',
      input: z.strictObject({ thingGroupName: resourceName, thingGroupProperties: groupProperties.default({}) }),
      demands: ({ thingGroupName }) => on('CreateThingGroup', group(thingGroupName)),
      run: ({ thingGroupName, thingGroupProperties }) => {
        const { name, id } = registry.groups.create(thingGroupName, thingGroupProperties);
        return { thingGroupName: name, thingGroupArn: group(name), thingGroupId: id };
      },
    }),
    route({
      name: 'DescribeThingGroup',
      method: 'GET',
      path: '/thing-groups/{thingGroupName}',
      input: z.strictObject({ thingGroupName: resourceName }),
      demands: ({ thingGroupName }) => on('DescribeThingGroup', group(thingGroupName)),
      run: ({ thingGroupName }) => {
        const found = registry.groups.get(thingGroupName);
        return {
          thingGroupName: found.name,
          thingGroupId: found.id,
          thingGroupArn: group(found.name),
          version: found.version,
          thingGroupProperties: found.properties,
          thingGroupMetadata: { creationDate: found.created_at / 1000 },
        };
      },
    }),
    route({
      name: 'DeleteThingGroup',
      method: 'DELETE',
      path: '/thing-groups/{thingGroupName}',
      input: z.strictObject({ thingGroupName: resourceName, expectedVersion: version.optional() }),
      demands: ({ thingGroupName }) => on('DeleteThingGroup', group(thingGroupName)),
      run: ({ thingGroupName, expectedVersion }) => {
        registry.groups.delete(thingGroupName, expectedVersion);
        return undefined;
      },
    }),
    route({
      name: 'AddThingToThingGroup',
      method: 'PUT',
      path: '/thing-groups/addThingToThingGroup',
      input: membership,
      demands: (names) => on('AddThingToThingGroup', thing(names.thingName), group(names.thingGroupName)),
      run: (names) => {
        registry.groups.add(names.thingGroupName, names.thingName);
        return undefined;
      },
    }),
    route({
      name: 'RemoveThingFromThingGroup',
      method: 'PUT',
      path: '/thing-groups/removeThingFromThingGroup',
      input: membership,
      demands: (names) => on('RemoveThingFromThingGroup', thing(names.thingName), group(names.thingGroupName)),
      run: (names) => {
        registry.groups.remove(names.thingGroupName, names.thingName);
        return undefined;
      },
    }),
    route({
      name: 'ListThingsInThingGroup',
      method: 'GET',
      path: '/thing-groups/{thingGroupName}/things',
      // `recursive` changes nothing: groups have no parents here.
      input: z.strictObject({ thingGroupName: resourceName, recursive: flag.optional(), ...paging }),
      demands: ({ thingGroupName }) => on('ListThingsInThingGroup', group(thingGroupName)),
      run: ({ thingGroupName, ...where }) => {
        const { items, nextToken } = registry.groups.things(thingGroupName, where);
        return { things: items, nextToken };
      },
    }),
    route({
      name: 'ListThingGroupsForThing',
      method: 'GET',
      path: '/things/{thingName}/thing-groups',
      input: z.strictObject({ thingName: resourceName, ...paging }),
      demands: ({ thingName }) => on('ListThingGroupsForThing', thing(thingName)),
      run: ({ thingName, ...where }) => {
        const { items, nextToken } = registry.groups.groupsOf(thingName, where);
        return { thingGroups: items.map((name) => ({ groupName: name, groupArn: group(name) })), nextToken };
      },
    }),
  ];
}
