/** Payload format 2.0: what an integration and an authorizer are called with. */
import type { Place } from '../../../contract.ts';
import type { Api, Stage } from '../api-model.ts';
import { logTime } from '../log-time.ts';
import { eventPath, type GatewayRequest, queryParameters } from './gateway-request.ts';

export interface EventSources {
  readonly place: Place;
  readonly api: Api;
  readonly stage: Stage;
  /** Of the listener, with its port. */
  readonly domainName: string;
  readonly routeKey: string;
  readonly parameters: Readonly<Record<string, string>>;
  readonly request: GatewayRequest;
}

const unlessEmpty = <K extends string, V extends object>(key: K, value: V) =>
  Object.keys(value).length > 0 ? { [key]: value } : {};

function common({ place, api, stage, domainName, routeKey, parameters, request }: EventSources) {
  const path = eventPath(request.path);
  return {
    rawPath: path,
    rawQueryString: request.query,
    ...unlessEmpty('cookies', request.cookies),
    headers: {
      ...request.headers,
      'x-forwarded-for': [request.headers['x-forwarded-for'], request.sourceIp].filter(Boolean).join(', '),
      'x-forwarded-port': domainName.split(':').at(-1) ?? '',
      'x-forwarded-proto': 'http',
    },
    ...unlessEmpty('queryStringParameters', queryParameters(request.query)),
    ...unlessEmpty('pathParameters', parameters),
    ...unlessEmpty('stageVariables', stage.variables),
    requestContext: {
      accountId: place.account,
      apiId: api.id,
      domainName,
      domainPrefix: domainName.split(/[.:]/)[0] ?? '',
      http: {
        method: request.method,
        path,
        protocol: request.protocol,
        sourceIp: request.sourceIp,
        userAgent: request.headers['user-agent'] ?? '',
      },
      requestId: request.id,
      routeKey,
      stage: stage.name,
      time: logTime(request.time),
      timeEpoch: request.time,
    },
  };
}

/** @param authorizer the context that a Lambda authorizer answered; absent where the route has none */
export function integrationEvent(sources: EventSources, authorizer?: { readonly context: unknown }) {
  const { request, routeKey } = sources;
  const { requestContext, ...rest } = common(sources);
  const binary = !isText(request.headers);
  return {
    version: '2.0',
    routeKey,
    ...rest,
    requestContext: {
      ...requestContext,
      ...(authorizer ? { authorizer: { lambda: authorizer.context ?? null } } : {}),
    },
    ...(request.body.length > 0 ? { body: request.body.toString(binary ? 'base64' : 'utf8') } : {}),
    isBase64Encoded: request.body.length > 0 && binary,
  };
}

export function authorizerEvent(sources: EventSources, identitySource: readonly string[]) {
  const { place, api, stage, request, routeKey } = sources;
  return {
    version: '2.0',
    type: 'REQUEST',
    routeArn: executeApiArn(place, api, `${stage.name}/${request.method}${eventPath(request.path)}`),
    identitySource,
    routeKey,
    ...common(sources),
  };
}

export const executeApiArn = ({ region, account }: Place, { id }: Api, rest: string) =>
  `arn:aws:execute-api:${region}:${account}:${id}/${rest}`;

/** What API Gateway hands on as text; all else, forms and bodies without a type included, comes base64-encoded. */
function isText(headers: Readonly<Record<string, string>>): boolean {
  if (headers['content-encoding'] && headers['content-encoding'] !== 'identity') return false;
  const type = (headers['content-type'] ?? '').split(';')[0]?.trim().toLowerCase() ?? '';
  return type.startsWith('text/') || ['application/json', 'application/javascript', 'application/xml'].includes(type);
}
