/** The OpenAPI document: sound by the specification, and true to the routes that it is made of. */
import { describe, expect, it } from 'vitest';
import * as z from 'zod';
import { openApiDocument } from '../../../shared/api/openapi.ts';
import { collectSchemas } from '../../../shared/api/openapi-schemas.ts';
import { ALL_ROUTES } from '../../../shared/api/routes.ts';
import { ACCOUNT_SCOPES, OPERATOR_SCOPE } from '../../../shared/api/scopes.ts';
import { tagsOf } from '../../../shared/api/tags.ts';
import { exampleOf } from '../../../shared/instance/docs-schema.ts';

const document = openApiDocument('1.2.3');
const operations = Object.entries(document.paths).flatMap(([path, methods]) =>
  Object.entries(methods).map(([method, operation]) => ({ path, method, operation })),
);

/** Every object in a tree, with where it is. */
function* objectsOf(tree: unknown, at = '#'): Generator<[string, Record<string, unknown>]> {
  if (typeof tree !== 'object' || tree === null) return;
  if (!Array.isArray(tree)) yield [at, tree as Record<string, unknown>];
  for (const [name, inner] of Object.entries(tree)) {
    yield* objectsOf(inner, `${at}/${name.replaceAll('~', '~0').replaceAll('/', '~1')}`);
  }
}

const references = [...objectsOf(document)].flatMap(([, object]) =>
  typeof object.$ref === 'string' ? [object.$ref] : [],
);

/** OpenAPI 3.1 as far as we use it, closed: a member that the specification doesn't know is refused. */
const count = z.int().min(0);
const schema: z.ZodType = z.lazy(() =>
  z.strictObject({
    $ref: z.string().startsWith('#/components/schemas/').optional(),
    type: z.enum(['object', 'array', 'string', 'integer', 'number', 'boolean', 'null']).optional(),
    description: z.string().min(1).optional(),
    examples: z.array(z.unknown()).min(1).optional(),
    default: z.unknown().optional(),
    const: z.unknown().optional(),
    enum: z.array(z.unknown()).min(1).optional(),
    format: z.enum(['date-time', 'email', 'uri', 'uri-reference']).optional(),
    pattern: z.string().optional(),
    minimum: z.number().optional(),
    maximum: z.number().optional(),
    minLength: count.optional(),
    maxLength: count.optional(),
    minItems: count.optional(),
    maxItems: count.optional(),
    items: schema.optional(),
    properties: z.record(z.string(), schema).optional(),
    required: z.array(z.string()).min(1).optional(),
    additionalProperties: z.union([z.literal(false), schema]).optional(),
    propertyNames: schema.optional(),
    anyOf: z.array(schema).min(2).optional(),
    oneOf: z.array(schema).min(2).optional(),
  }),
);
const reference = (kind: string) => z.strictObject({ $ref: z.string().startsWith(`#/components/${kind}/`) });
const content = z.record(z.string().regex(/^[\w.+-]+\/[\w.+-]+$/), z.strictObject({ schema }));
const text = z.string().min(1);
const parameter = z.strictObject({
  name: text,
  in: z.enum(['path', 'query', 'header']),
  required: z.boolean(),
  description: text.optional(),
  schema,
});
const answer = z.strictObject({
  description: text,
  headers: z.record(text, reference('headers')).optional(),
  content: content.optional(),
});
const name = z.string().regex(/^[A-Za-z0-9._-]+$/);
const openApi = z.strictObject({
  openapi: z.literal('3.1.0'),
  info: z.strictObject({
    title: text,
    version: text,
    description: text,
    license: z.strictObject({ name: text, identifier: text }),
  }),
  servers: z.array(z.strictObject({ url: z.literal('/'), description: text })),
  tags: z.array(z.strictObject({ name: text, description: text })),
  paths: z.record(
    z.string().startsWith('/'),
    z.partialRecord(
      z.enum(['get', 'post', 'put', 'patch', 'delete']),
      z.strictObject({
        operationId: name,
        summary: text,
        tags: z.array(text).length(1),
        security: z
          .array(
            z.union([
              z.strictObject({ openId: z.array(text) }),
              z.strictObject({ connectorSecret: z.array(text).length(0) }),
            ]),
          )
          .max(1),
        parameters: z
          .array(z.union([parameter, reference('parameters')]))
          .min(1)
          .optional(),
        requestBody: z.strictObject({ required: z.literal(true), content }).optional(),
        responses: z.record(z.string().regex(/^[2345]\d\d$/), z.union([answer, reference('responses')])),
      }),
    ),
  ),
  components: z.strictObject({
    schemas: z.record(name, schema),
    parameters: z.record(name, parameter),
    headers: z.record(name, z.strictObject({ description: text, schema })),
    responses: z.record(name, answer),
    securitySchemes: z.strictObject({
      openId: z.strictObject({ type: z.literal('openIdConnect'), description: text, openIdConnectUrl: z.url() }),
      connectorSecret: z.strictObject({ type: z.literal('http'), scheme: z.literal('bearer'), description: text }),
    }),
  }),
});

describe('the document', () => {
  it('is OpenAPI 3.1', () => {
    const result = openApi.safeParse(document);
    expect(result.success ? '' : z.prettifyError(result.error)).toBe('');
  });

  it('has an operation for each route, and no other', () => {
    const of = operations.map(({ path, method, operation }) => `${operation.operationId} ${method} ${path}`);
    expect(of.toSorted()).toEqual(
      ALL_ROUTES.map(({ id, method, path }) => `${id} ${method.toLowerCase()} ${path}`).sort(),
    );
    expect(new Set(operations.map(({ operation }) => operation.operationId)).size).toBe(operations.length);
  });

  it('refers to nothing that it lacks, and has no component that nothing refers to', () => {
    const { schemas, parameters, headers, responses } = document.components;
    const components = Object.entries({ schemas, parameters, headers, responses }).flatMap(([kind, of]) =>
      Object.keys(of).map((component) => `#/components/${kind}/${component}`),
    );
    expect([...new Set(references)].sort()).toEqual(components.sort());
  });

  it('declares exactly the parameters that a path names', () => {
    for (const { path, operation } of operations) {
      const declared = (operation.parameters ?? []).flatMap((one) => ('in' in one && one.in === 'path' ? [one] : []));
      expect(declared.map((one) => one.name).sort()).toEqual(
        [...path.matchAll(/\{(\w+)\}/g)].map(([, one]) => one).sort(),
      );
      expect(declared.every(({ required }) => required)).toBe(true);
    }
  });

  it('asks for scopes that exist', () => {
    const known = [...ACCOUNT_SCOPES, OPERATOR_SCOPE].map((scope) => `custodia/${scope}`);
    const asked = operations.flatMap(({ operation }) =>
      operation.security.flatMap((need) => ('openId' in need ? need.openId : [])),
    );
    expect(known).toEqual(expect.arrayContaining(asked));
    expect(asked.length).toBeGreaterThan(30);
  });

  it('shows examples that their own schema accepts', () => {
    const bodies = ALL_ROUTES.flatMap(({ id, body }) => (body ? [{ id, body }] : []));
    expect(bodies.length).toBeGreaterThan(10);
    for (const { id, body } of bodies) {
      const schemas = collectSchemas();
      const example = exampleOf(schemas.of(body, 'input'), schemas.components());
      expect(body.safeParse(example), `${id}: ${JSON.stringify(example)}`).toMatchObject({ success: true });
    }
  });

  it('names what it has in common: no operation carries a large schema of its own', () => {
    const inline = [...objectsOf(document.paths)].filter(
      ([, { properties }]) => Object.keys(properties ?? {}).length > 2,
    );
    expect(inline.map(([at]) => at)).toEqual([]);
  });
});

describe('a schema', () => {
  const thing = z.object({ a: z.string() }).meta({ id: 'Thing' });

  it('with an id becomes a component; requests are closed, answers open', () => {
    const schemas = collectSchemas();
    expect(schemas.of(z.array(thing), 'output')).toEqual({
      type: 'array',
      items: { $ref: '#/components/schemas/Thing' },
    });
    expect(schemas.components()).toEqual({
      Thing: { type: 'object', properties: { a: { type: 'string' } }, required: ['a'] },
    });
    expect(schemas.of(z.strictObject({}), 'input')).toMatchObject({ additionalProperties: false });
    expect(schemas.of(z.strictObject({}), 'output')).toMatchObject({ additionalProperties: false });
  });

  it('keeps its examples and default where it transforms what comes in', () => {
    const size = z
      .preprocess(Number, z.int())
      .default(50)
      .meta({ default: 50, examples: ['7'] });
    expect(collectSchemas().of(size, 'input')).toMatchObject({ default: 50, examples: ['7'] });
  });

  it('may not share its id with another', () => {
    const schemas = collectSchemas();
    schemas.of(thing, 'output');
    expect(() => schemas.of(z.object({ b: z.string() }).meta({ id: 'Thing' }), 'output')).toThrow(
      'Two schemas are called Thing.',
    );
  });
});

it('a route of a new concept asks for its words', () => {
  const [route] = ALL_ROUTES;
  expect(() => tagsOf([{ ...route!, id: 'novelties.list' }])).toThrow('Say in tags.ts what "novelties" is.');
});
