/** The OpenAPI 3.1 document, generated from the route table. Pure. */
import * as z from 'zod';
import { PROBLEM_MEDIA_TYPE, PROBLEMS } from './problem.ts';
import type { Route } from './route.ts';
import { ALL_ROUTES } from './routes.ts';
import { ACCOUNT_SCOPES, OPERATOR_SCOPE, RESOURCE_SERVER } from './scopes.ts';

type Json = Record<string, unknown>;

function schemaOf(schema: z.ZodType, io: 'input' | 'output'): Json {
  const { $schema: _, ...rest } = z.toJSONSchema(schema, { io, unrepresentable: 'any', target: 'draft-2020-12' });
  return rest;
}

function parametersOf(schema: z.ZodObject, place: 'path' | 'query'): Json[] {
  const { properties = {}, required = [] } = schemaOf(schema, 'input') as {
    properties?: Record<string, Json>;
    required?: string[];
  };
  return Object.entries(properties).map(([name, { description, ...rest }]) => ({
    name,
    in: place,
    required: place === 'path' || required.includes(name),
    ...(description ? { description } : {}),
    schema: rest,
  }));
}

const header = (name: string, description: string, required = false): Json => ({
  name,
  in: 'header',
  required,
  description,
  schema: { type: 'string' },
});

function headersOf(route: Route): Json[] {
  const ofAccount = !['public', 'person', 'operator'].includes(route.access);
  return [
    ...(ofAccount ? [header('Custodia-Account', 'Which account; needed only by a person of several.')] : []),
    ...(route.method === 'POST' && ofAccount
      ? [header('Idempotency-Key', 'The same request again is done once.')]
      : []),
    ...(route.ifMatch === 'none'
      ? []
      : [header('If-Match', 'The ETag of what was read.', route.ifMatch === 'required')]),
  ];
}

/** Every route may answer these; the rest a route names itself. */
function problemsOf(route: Route): Json {
  const common = route.access === 'public' ? [] : (['invalid-token', 'forbidden'] as const);
  const body = route.body ? (['too-large', 'unsupported-media-type'] as const) : [];
  const replay = route.method === 'POST' ? (['in-flight', 'idempotency-mismatch'] as const) : [];
  const codes = new Set([
    ...common,
    'validation' as const,
    ...body,
    ...replay,
    ...route.problems,
    'too-many-requests' as const,
    'internal' as const,
  ]);
  const byStatus = new Map<number, string[]>();
  for (const code of codes) {
    const { status, title } = PROBLEMS[code];
    byStatus.set(status, [...(byStatus.get(status) ?? []), title]);
  }
  return Object.fromEntries(
    [...byStatus].map(([status, titles]) => [
      String(status),
      {
        description: [...new Set(titles)].join(' · '),
        content: { [PROBLEM_MEDIA_TYPE]: { schema: { $ref: '#/components/schemas/Problem' } } },
      },
    ]),
  );
}

function answerOf(route: Route): Json {
  if (!route.output) return { 204: { description: 'Done.' } };
  const others = Object.fromEntries(route.alsoProduces.map((type) => [type, { schema: { type: 'string' } }]));
  const content = { 'application/json': { schema: schemaOf(route.output, 'output') }, ...others };
  return { [route.status]: { description: 'Done.', content } };
}

function securityOf({ access }: Route): Json[] {
  if (access === 'public') return [];
  if (access === 'person') return [{ oauth2: [] }];
  return [{ oauth2: [`${RESOURCE_SERVER}/${access}`] }];
}

const operationOf = (route: Route): Json => ({
  operationId: route.id,
  summary: route.summary,
  tags: [route.id.split('.')[0]],
  security: securityOf(route),
  parameters: [...parametersOf(route.params, 'path'), ...parametersOf(route.query, 'query'), ...headersOf(route)],
  ...(route.body
    ? { requestBody: { required: true, content: { 'application/json': { schema: schemaOf(route.body, 'input') } } } }
    : {}),
  responses: { ...answerOf(route), ...problemsOf(route) },
});

const problem: Json = {
  type: 'object',
  required: ['type', 'title', 'status', 'detail'],
  properties: {
    type: { type: 'string', description: 'Stable: urn:custodia:problem:…' },
    title: { type: 'string' },
    status: { type: 'integer' },
    detail: { type: 'string' },
    requestId: { type: 'string' },
    errors: {
      type: 'array',
      items: {
        type: 'object',
        properties: {
          pointer: { type: 'string', description: 'A JSON Pointer (RFC 6901).' },
          detail: { type: 'string' },
        },
      },
    },
  },
};

export function openApiDocument(version: string): Json {
  const paths: Record<string, Json> = {};
  for (const route of ALL_ROUTES) {
    paths[route.path] = { ...paths[route.path], [route.method.toLowerCase()]: operationOf(route) };
  }
  const scopes = [...ACCOUNT_SCOPES, OPERATOR_SCOPE].map((scope) => [`${RESOURCE_SERVER}/${scope}`, scope]);
  return {
    openapi: '3.1.0',
    info: {
      title: 'Custodia',
      version,
      description: 'An IoT data platform in your own AWS account. Errors are problem documents (RFC 9457).',
      license: { name: 'Apache-2.0', identifier: 'Apache-2.0' },
    },
    servers: [{ url: '/' }],
    paths,
    components: {
      schemas: { Problem: problem },
      securitySchemes: {
        oauth2: {
          type: 'oauth2',
          description: 'Tokens come from the instance’s user pool; the stack’s outputs name its endpoints.',
          flows: {
            clientCredentials: { tokenUrl: '/oauth2/token', scopes: Object.fromEntries(scopes) },
            authorizationCode: {
              authorizationUrl: '/oauth2/authorize',
              tokenUrl: '/oauth2/token',
              scopes: Object.fromEntries(scopes),
            },
          },
        },
      },
    },
  };
}
