/** `AWS::ApiGatewayV2::Api` and its stage. */
import { createHash } from 'node:crypto';
import * as z from 'zod';
import type { Resource, ResourceProvider } from '../../../contract.ts';
import type { ApiModel, Stage } from '../api-model.ts';
import type { CorsConfiguration } from '../cors.ts';

/** As AWS makes them, but the same at every boot. */
export function gatewayId({ stack, logicalId }: Resource, length: number): string {
  const digits = createHash('sha256').update(`${stack}/${logicalId}`).digest().toString('hex');
  return BigInt(`0x${digits}`).toString(36).slice(0, length);
}

const flag = z.union([z.boolean(), z.stringbool()]);
const names = z.array(z.string()).default([]);
const apiSchema = z.object({
  ProtocolType: z.literal('HTTP', 'only HTTP APIs run on the laptop host'),
  CorsConfiguration: z
    .object({
      AllowOrigins: names,
      AllowMethods: names,
      AllowHeaders: names,
      ExposeHeaders: names,
      AllowCredentials: flag.default(false),
      MaxAge: z.coerce.number().int().optional(),
    })
    .refine((cors) => !(cors.AllowCredentials && cors.AllowOrigins.includes('*')), {
      error: 'credentials can’t be allowed for every origin',
    })
    .optional(),
});

export function apiProvider(model: ApiModel, endpoint: () => string): ResourceProvider {
  return {
    type: 'AWS::ApiGatewayV2::Api',
    honoured: {
      ProtocolType: 'only HTTP is accepted',
      CorsConfiguration: 'the gateway answers preflights and sets the headers',
    },
    ignored: {
      Name: 'for people',
      Description: 'for people',
      Tags: 'no tag of an API decides anything',
      DisableExecuteApiEndpoint: 'the laptop has one endpoint, whatever its name',
      IpAddressType: 'the laptop listens on loopback in both families',
    },
    async create(resource) {
      const given = read(apiSchema, resource);
      const id = gatewayId(resource, 10);
      model.put(id, given.CorsConfiguration && corsOf(given.CorsConfiguration));
      return { ref: id, attributes: { ApiId: id, ApiEndpoint: endpoint() } };
    },
  };
}

const corsOf = (given: NonNullable<z.infer<typeof apiSchema>['CorsConfiguration']>): CorsConfiguration => ({
  allowOrigins: given.AllowOrigins,
  allowMethods: given.AllowMethods,
  allowHeaders: given.AllowHeaders,
  exposeHeaders: given.ExposeHeaders,
  allowCredentials: given.AllowCredentials,
  maxAgeSeconds: given.MaxAge,
});

const stageSchema = z.object({
  ApiId: z.string(),
  StageName: z.literal('$default', 'only the stage $default runs on the laptop host'),
  AutoDeploy: flag.refine((on) => on, 'a stage without AutoDeploy would serve routes of another day'),
  StageVariables: z.record(z.string(), z.string()).default({}),
  AccessLogSettings: z
    .object({ DestinationArn: z.string().regex(/:log-group:[^:]+/, 'must be a log group'), Format: z.string() })
    .optional(),
  DefaultRouteSettings: z
    .object({
      ThrottlingRateLimit: z.coerce.number().min(0).optional(),
      ThrottlingBurstLimit: z.coerce.number().int().min(0).optional(),
    })
    .default({}),
});

export function stageProvider(model: ApiModel): ResourceProvider {
  return {
    type: 'AWS::ApiGatewayV2::Stage',
    honoured: {
      ApiId: 'the API',
      StageName: 'only $default is accepted',
      AutoDeploy: 'must be on: every route holds at once',
      StageVariables: 'handed to functions',
      AccessLogSettings: 'a line a request, in the log group’s folder',
      'DefaultRouteSettings.ThrottlingRateLimit': 'requests a second, then 429',
      'DefaultRouteSettings.ThrottlingBurstLimit': 'requests at once, then 429',
    },
    ignored: {
      Description: 'for people',
      Tags: 'no tag of a stage decides anything',
      'DefaultRouteSettings.DetailedMetricsEnabled': 'there are no metrics',
    },
    async create(resource) {
      const given = read(stageSchema, resource);
      const group = given.AccessLogSettings?.DestinationArn.split(':log-group:')[1]?.split(':')[0];
      const { ThrottlingRateLimit: rate, ThrottlingBurstLimit: burst } = given.DefaultRouteSettings;
      const stage: Stage = {
        name: given.StageName,
        variables: given.StageVariables,
        ...(given.AccessLogSettings && group ? { accessLog: { group, format: given.AccessLogSettings.Format } } : {}),
        ...(rate === undefined ? {} : { throttle: { ratePerSecond: rate, burst: burst ?? Math.max(1, rate) } }),
      };
      model.get(given.ApiId).stages.set(stage.name, stage);
      return { ref: stage.name, attributes: {} };
    },
  };
}

/** The properties of a resource; an error names the resource. */
export function read<S extends z.ZodType>(schema: S, { logicalId, properties }: Resource): z.infer<S> {
  const parsed = schema.safeParse(properties);
  if (!parsed.success) throw new Error(`${logicalId}: ${z.prettifyError(parsed.error)}`);
  return parsed.data;
}
