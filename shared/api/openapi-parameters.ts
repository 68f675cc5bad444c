/** The parameters of a route: what its path and query schemas name, and the headers that the edge reads. */
import type * as z from 'zod';
import { idSchema } from '../platform/ids.ts';
import type { Parameter, Reference } from './openapi-document.ts';
import type { Schemas } from './openapi-schemas.ts';
import type { Route } from './route.ts';

const header = (name: string, required: boolean, description: string, schema: Parameter['schema']): Parameter => ({
  name,
  in: 'header',
  required,
  description,
  schema,
});

const etag = { type: 'string', examples: ['"3"'] };

/** Key: the component's name. */
export const headerParameters = (schemas: Schemas) =>
  ({
    Account: header(
      'Custodia-Account',
      false,
      'Which account; needed only by a person of several.',
      schemas.of(idSchema('account'), 'input'),
    ),
    IdempotencyKey: header('Idempotency-Key', false, 'The same request again with the same key is done once.', {
      type: 'string',
      minLength: 1,
      maxLength: 255,
    }),
    IfMatch: header('If-Match', true, 'The ETag of what was read, or * for any version.', etag),
    IfMatchOptional: header('If-Match', false, 'The ETag of what was read: refused if it has changed since.', etag),
  }) satisfies Record<string, Parameter>;

const refer = (name: keyof ReturnType<typeof headerParameters>): Reference => ({
  $ref: `#/components/parameters/${name}`,
});

function headersOf(route: Route): Reference[] {
  const ofAccount = !['public', 'connector', 'person', 'operator'].includes(route.access);
  return [
    ...(ofAccount ? [refer('Account')] : []),
    ...(ofAccount && route.method === 'POST' ? [refer('IdempotencyKey')] : []),
    ...(route.ifMatch === 'required' ? [refer('IfMatch')] : []),
    ...(route.ifMatch === 'optional' ? [refer('IfMatchOptional')] : []),
  ];
}

function fieldsOf(schemas: Schemas, schema: z.ZodObject, place: 'path' | 'query'): Parameter[] {
  const { properties = {}, required = [] } = schemas.of(schema, 'input');
  return Object.entries(properties).map(([name, { description, ...rest }]) => ({
    name,
    in: place,
    required: required.includes(name),
    ...(description === undefined ? {} : { description }),
    schema: rest,
  }));
}

export const parametersOf = (schemas: Schemas, route: Route): (Parameter | Reference)[] => [
  ...fieldsOf(schemas, route.params, 'path'),
  ...fieldsOf(schemas, route.query, 'query'),
  ...headersOf(route),
];
