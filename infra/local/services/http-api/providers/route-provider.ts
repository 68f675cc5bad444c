/** `AWS::ApiGatewayV2::Route`, its integration and its authorizer. */
import * as z from 'zod';
import type { ResourceProvider } from '../../../contract.ts';
import type { ApiModel } from '../api-model.ts';
import { checkIdentitySource } from '../authorizer.ts';
import { parseRouteKey } from '../route-selection.ts';
import { gatewayId, read } from './api-provider.ts';

const routeSchema = z.object({
  ApiId: z.string(),
  RouteKey: z.string(),
  Target: z.string().regex(/^integrations\/\w+$/),
  AuthorizationType: z.enum(['NONE', 'CUSTOM']).default('NONE'),
  AuthorizerId: z.string().optional(),
});

export function routeProvider(model: ApiModel): ResourceProvider {
  return {
    type: 'AWS::ApiGatewayV2::Route',
    honoured: {
      ApiId: 'the API',
      RouteKey: 'method and path, or $default',
      Target: 'the integration',
      AuthorizationType: 'NONE or CUSTOM',
      AuthorizerId: 'the authorizer, asked before the function',
    },
    ignored: {},
    async create(resource) {
      const given = read(routeSchema, resource);
      const api = model.get(given.ApiId);
      const id = gatewayId(resource, 7);
      const { AuthorizationType, AuthorizerId: authorizerId } = given;
      if ((AuthorizationType === 'CUSTOM') !== (authorizerId !== undefined)) {
        throw new Error(`${resource.logicalId}: AuthorizerId and AuthorizationType CUSTOM go together`);
      }
      const key = parseRouteKey(given.RouteKey);
      for (const [other, { key: taken }] of api.routes) {
        if (other !== id && taken.text === key.text) throw new Error(`There are two routes ${key.text}`);
      }
      const integrationId = given.Target.replace('integrations/', '');
      api.routes.set(id, { key, integrationId, ...(authorizerId === undefined ? {} : { authorizerId }) });
      return { ref: id, attributes: { RouteId: id } };
    },
  };
}

const integrationSchema = z.object({
  ApiId: z.string(),
  IntegrationType: z.literal('AWS_PROXY', 'only functions are integrated on the laptop host'),
  IntegrationUri: z.string(),
  PayloadFormatVersion: z.literal('2.0', 'only payload format 2.0 is spoken on the laptop host'),
  TimeoutInMillis: z.coerce.number().int().min(50).max(30_000).default(30_000),
});

export function integrationProvider(model: ApiModel): ResourceProvider {
  return {
    type: 'AWS::ApiGatewayV2::Integration',
    honoured: {
      ApiId: 'the API',
      IntegrationType: 'only AWS_PROXY is accepted',
      IntegrationUri: 'the function',
      PayloadFormatVersion: 'only 2.0 is accepted',
      TimeoutInMillis: 'then 503',
    },
    ignored: { Description: 'for people', IntegrationMethod: 'functions are always invoked by POST' },
    async create(resource) {
      const given = read(integrationSchema, resource);
      const id = gatewayId(resource, 7);
      const functionArn = functionArnOf(given.IntegrationUri);
      model.get(given.ApiId).integrations.set(id, { functionArn, timeoutMs: given.TimeoutInMillis });
      return { ref: id, attributes: { IntegrationId: id } };
    },
  };
}

const authorizerSchema = z.object({
  ApiId: z.string(),
  AuthorizerType: z.literal('REQUEST', 'only Lambda authorizers run on the laptop host'),
  AuthorizerUri: z.string(),
  AuthorizerPayloadFormatVersion: z.literal('2.0', 'only payload format 2.0 is spoken on the laptop host'),
  EnableSimpleResponses: z
    .union([z.boolean(), z.stringbool()])
    .refine((simple) => simple, 'only simple responses are understood on the laptop host'),
  AuthorizerResultTtlInSeconds: z.coerce.number().int().min(0).max(3600).default(300),
  IdentitySource: z.array(z.string()).default([]),
});

export function authorizerProvider(model: ApiModel): ResourceProvider {
  return {
    type: 'AWS::ApiGatewayV2::Authorizer',
    honoured: {
      ApiId: 'the API',
      AuthorizerType: 'only REQUEST is accepted',
      AuthorizerUri: 'the function',
      AuthorizerPayloadFormatVersion: 'only 2.0 is accepted',
      EnableSimpleResponses: 'must be on',
      AuthorizerResultTtlInSeconds: 'an answer is kept that long, for all routes, by the host’s clock',
      IdentitySource: 'a request without one of them is refused unseen; their values are the cache’s key',
    },
    ignored: { Name: 'for people' },
    async create(resource) {
      const given = read(authorizerSchema, resource);
      const id = gatewayId(resource, 6);
      const ttlMs = given.AuthorizerResultTtlInSeconds * 1000;
      if (ttlMs > 0 && given.IdentitySource.length === 0) {
        throw new Error(`${resource.logicalId}: a cache needs an identity source`);
      }
      const identitySources = given.IdentitySource.map(checkIdentitySource);
      const functionArn = functionArnOf(given.AuthorizerUri);
      model.get(given.ApiId).authorizers.set(id, { id, functionArn, identitySources, ttlMs });
      return { ref: id, attributes: { AuthorizerId: id } };
    },
  };
}

/** Of the function's own ARN, or of API Gateway's longer way to say it. */
function functionArnOf(uri: string): string {
  const [, inner] = /:lambda:path\/2015-03-31\/functions\/(.+)\/invocations$/.exec(uri) ?? [];
  const arn = inner ?? uri;
  if (!/^arn:aws:lambda:[^:]+:\d{12}:function:/.test(arn)) throw new Error(`${uri} names no function`);
  return arn;
}
