/** The OpenAPI 3.1 document, generated from the route table. Pure. */
import { ANSWER_HEADERS, problemsOf, successOf } from './openapi-answers.ts';
import type { Answer, OpenApiDocument, Operation } from './openapi-document.ts';
import { headerParameters, parametersOf } from './openapi-parameters.ts';
import { collectSchemas, type Schemas } from './openapi-schemas.ts';
import { bodyTypesOf, type Route } from './route.ts';
import { ALL_ROUTES } from './routes.ts';
import { RESOURCE_SERVER } from './scopes.ts';
import { tagOf, tagsOf } from './tags.ts';

const DESCRIPTION = `An IoT data platform in your own AWS account.

Requests carry an OAuth 2 access token: \`Authorization: Bearer …\`. People get one by authorization code with PKCE, programs by client credentials. Each operation names the scope that it needs.

Bodies are JSON, camelCase. Times are ISO 8601, UTC. Unknown fields are refused. Errors are problem documents (RFC 9457) with a stable \`type\`. Another account's id gets the same 404 as an id that doesn't exist.

Lists answer \`{items, next?}\` and a \`Link\` header: send \`next\` as \`cursor\` for the next page. A \`PATCH\` is a JSON Merge Patch, guarded by \`ETag\` and \`If-Match\`. A \`POST\` with an \`Idempotency-Key\` can be repeated safely.`;

const TOKENS =
  'The user pool of the instance: authorization code with PKCE for people, client credentials for programs. ' +
  'A scope in a token is a request: what a principal may do is also limited by its role.';

function securityOf({ access }: Route): Operation['security'] {
  if (access === 'public') return [];
  if (access === 'connector') return [{ connectorSecret: [] }];
  return [{ openId: access === 'person' ? [] : [`${RESOURCE_SERVER}/${access}`] }];
}

function operationOf(schemas: Schemas, route: Route, responses: Map<string, Answer>): Operation {
  const parameters = parametersOf(schemas, route);
  return {
    operationId: route.id,
    summary: route.summary,
    tags: [tagOf(route)],
    security: securityOf(route),
    ...(parameters.length > 0 ? { parameters } : {}),
    ...requestBodyOf(schemas, route),
    responses: { ...successOf(schemas, route, ALL_ROUTES), ...problemsOf(schemas, route, responses) },
  };
}

function requestBodyOf(schemas: Schemas, route: Route): Pick<Operation, 'requestBody'> {
  if (!route.body) return {};
  const types = bodyTypesOf(route);
  const media = { schema: schemas.of(route.body, 'input') };
  return { requestBody: { required: true, content: Object.fromEntries(types.map((type) => [type, media])) } };
}

export function openApiDocument(version: string): OpenApiDocument {
  const schemas = collectSchemas();
  const responses = new Map<string, Answer>();
  const paths: Record<string, Record<string, Operation>> = {};
  for (const route of ALL_ROUTES) {
    paths[route.path] = {
      ...paths[route.path],
      [route.method.toLowerCase()]: operationOf(schemas, route, responses),
    };
  }
  const parameters = headerParameters(schemas);
  return {
    openapi: '3.1.0',
    info: {
      title: 'Custodia',
      version,
      description: DESCRIPTION,
      license: { name: 'Apache-2.0', identifier: 'Apache-2.0' },
    },
    servers: [{ url: '/', description: 'The instance that serves this document.' }],
    tags: tagsOf(ALL_ROUTES),
    paths,
    components: {
      schemas: schemas.components(),
      parameters,
      headers: ANSWER_HEADERS,
      responses: Object.fromEntries([...responses].sort(([a], [b]) => (a < b ? -1 : 1))),
      securitySchemes: {
        openId: {
          type: 'openIdConnect',
          description: TOKENS,
          openIdConnectUrl:
            'https://cognito-idp.eu-central-1.amazonaws.com/eu-central-1_EXAMPLE/.well-known/openid-configuration',
        },
        connectorSecret: {
          type: 'http',
          scheme: 'bearer',
          description: 'The secret of the connector that the path names; shown once, when the connector was created.',
        },
      },
    },
  };
}
