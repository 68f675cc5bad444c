/** The routes of properties, the same on an account, a product and a device. */
import * as z from 'zod';
import { pageOf, pageQuery } from '../api/fields.ts';
import { route } from '../api/route.ts';
import type { AccountScope } from '../api/scopes.ts';
import { property, propertyName, propertyValue } from './property.ts';

/** `params` are the path parameters of the thing that carries the properties. */
export function propertyRoutes<I extends string, P extends z.ZodRawShape>(on: {
  id: I;
  path: `/${string}`;
  noun: 'account' | 'products' | 'devices';
  params: P;
}) {
  const read: AccountScope = `${on.noun}.read`;
  const write: AccountScope = `${on.noun}.write`;
  const path = `${on.path}/properties/{name}` as const;
  const params = z.strictObject({ ...on.params, name: propertyName });
  return {
    listProperties: route({
      id: `${on.id}.properties.list`,
      method: 'GET',
      path: `${on.path}/properties`,
      access: read,
      summary: 'List properties.',
      params: z.strictObject({ ...on.params }),
      query: pageQuery,
      output: pageOf(property),
      problems: ['not-found'],
    }),
    getProperty: route({
      id: `${on.id}.properties.get`,
      method: 'GET',
      path,
      access: read,
      summary: 'One property.',
      params,
      output: property,
      problems: ['not-found'],
    }),
    putProperty: route({
      id: `${on.id}.properties.put`,
      method: 'PUT',
      path,
      access: write,
      summary: 'Set a property: the body is its value, any JSON.',
      params,
      body: propertyValue,
      output: property,
      ifMatch: 'optional',
      problems: ['stale', 'not-found'],
    }),
    deleteProperty: route({
      id: `${on.id}.properties.delete`,
      method: 'DELETE',
      path,
      access: write,
      summary: 'Delete a property.',
      params,
      ifMatch: 'optional',
      problems: ['not-found', 'stale'],
    }),
  };
}
