/** A request's way through the gateway: limits, CORS, route, throttle, authorizer, function, answer, access log. */
import type { IncomingMessage } from 'node:http';
import { AwsError, type FunctionRuntime, type ServiceContext } from '../../contract.ts';
import { formatAccessLog, type LogValues, requestValues } from './access-log.ts';
import type { Api, ApiModel, Integration, Route, Stage } from './api-model.ts';
import { AuthorizerCache } from './authorizer.ts';
import { isPreflight, preflightHeaders, responseHeaders } from './cors.ts';
import { type EventSources, executeApiArn, integrationEvent } from './request/event.ts';
import { type GatewayResponse, readFunctionResponse } from './request/function-response.ts';
import { GatewayError, type GatewayRequest, readBody, readHead, refuseLargeHead } from './request/gateway-request.ts';
import { within } from './request/within.ts';
import { selectRoute } from './route-selection.ts';
import { Throttle } from './throttle.ts';

const PRINCIPAL = 'apigateway.amazonaws.com';
/** API Gateway waits no longer for an authorizer. */
const AUTHORIZER_LIMIT_MS = 10_000;
const STAGE = '$default';

export interface LogSink {
  append(group: string, line: string): void;
}

export interface GatewayParts {
  readonly ctx: ServiceContext;
  readonly model: ApiModel;
  readonly runtime: FunctionRuntime;
  readonly logs: LogSink;
  endpoint(): string;
}

export class Gateway {
  readonly #parts: GatewayParts;
  readonly #cache: AuthorizerCache;
  readonly #throttles = new WeakMap<Stage, Throttle>();

  constructor(parts: GatewayParts) {
    this.#parts = parts;
    this.#cache = new AuthorizerCache(parts.ctx.clock);
  }

  /** Always answers. */
  async handle(incoming: IncomingMessage): Promise<GatewayResponse> {
    const started = performance.now();
    const head = readHead(incoming, this.#parts.ctx.clock.now());
    const api = this.#parts.model.current;
    const stage = api?.stages.get(STAGE);
    const values: LogValues = new Map();
    let response: GatewayResponse;
    try {
      refuseLargeHead(incoming);
      if (!api || !stage) throw new GatewayError(404, 'Not Found', 'There is no stage');
      if (api.cors && isPreflight(head.method, head.headers)) {
        response = { status: 204, headers: preflightHeaders(api.cors, head.headers.origin), body: Buffer.alloc(0) };
      } else {
        response = await this.#answer(api, stage, { ...head, body: await readBody(incoming) }, values);
      }
    } catch (error) {
      response = this.#errorResponse(error, values);
    }
    const headers = { ...(api ? withCors(api, head, response.headers) : response.headers), 'apigw-requestid': head.id };
    if (stage?.accessLog && api) {
      const milliseconds = performance.now() - started;
      const known = {
        api,
        stage,
        place: this.#parts.ctx,
        domainName: this.#domainName(),
        head,
        response,
        milliseconds,
      };
      const line = formatAccessLog(stage.accessLog.format, new Map([...requestValues(known), ...values]));
      this.#parts.logs.append(stage.accessLog.group, line);
    }
    return { ...response, headers };
  }

  async #answer(api: Api, stage: Stage, request: GatewayRequest, values: LogValues): Promise<GatewayResponse> {
    const selected = selectRoute(api.routes.values(), request.method, request.path);
    if (!selected) throw new GatewayError(404, 'Not Found');
    const { route, parameters } = selected;
    const routeKey = route.key.text;
    values.set('routeKey', routeKey);
    if (!this.#admits(stage)) throw new GatewayError(429, 'Too Many Requests');
    const place = this.#parts.ctx;
    const domainName = this.#domainName();
    const sources: EventSources = { place, api, stage, domainName, routeKey, parameters, request };
    const authorizer =
      route.authorizerId === undefined ? undefined : await this.#authorize(route.authorizerId, sources, values);
    const integration = api.integrations.get(route.integrationId);
    if (!integration)
      throw new GatewayError(500, 'Internal Server Error', `There is no integration ${route.integrationId}`);
    return this.#integrate(integration, route, sources, authorizer, values);
  }

  async #authorize(authorizerId: string, sources: EventSources, values: LogValues): Promise<{ context: unknown }> {
    const { ctx, runtime } = this.#parts;
    const { api } = sources;
    const settings = api.authorizers.get(authorizerId);
    if (!settings) throw new GatewayError(500, 'Internal Server Error', `There is no authorizer ${authorizerId}`);
    const ask = async (event: unknown) => {
      const sourceArn = executeApiArn(ctx, api, `authorizers/${settings.id}`);
      this.#mayInvoke(settings.functionArn, sourceArn);
      const result = await within(AUTHORIZER_LIMIT_MS, runtime.invoke(settings.functionArn, event), 500);
      if (!('error' in result)) return result.payload;
      throw new GatewayError(500, 'Internal Server Error', `The authorizer failed: ${result.error.errorType}`);
    };
    const { isAuthorized, context } = await this.#cache.authorize(settings, sources, ask);
    if (typeof context === 'object' && context !== null) {
      for (const [key, value] of Object.entries(context)) values.set(`authorizer.${key}`, String(value));
    }
    if (!isAuthorized) throw new GatewayError(403, 'Forbidden');
    return { context };
  }

  async #integrate(
    { functionArn, timeoutMs }: Integration,
    route: Route,
    sources: EventSources,
    authorizer: { context: unknown } | undefined,
    values: LogValues,
  ): Promise<GatewayResponse> {
    const { ctx, runtime } = this.#parts;
    const { api, stage, request } = sources;
    const path = route.key.method === undefined ? '/$default' : `/${request.method}/${route.key.segments.join('/')}`;
    this.#mayInvoke(functionArn, executeApiArn(ctx, api, `${stage.name}${path}`));
    const started = performance.now();
    try {
      const result = await within(timeoutMs, runtime.invoke(functionArn, integrationEvent(sources, authorizer)), 503);
      values.set('integrationStatus', '200');
      values.set('integration.status', '200');
      if ('error' in result) {
        throw new GatewayError(500, 'Internal Server Error', `The function failed: ${result.error.errorType}`);
      }
      return readFunctionResponse(result.payload);
    } finally {
      const latency = String(Math.round(performance.now() - started));
      for (const name of ['integrationLatency', 'integration.latency']) values.set(name, latency);
    }
  }

  /** Without a permission of the template, AWS answers 500 and says why in the access log alone. */
  #mayInvoke(functionArn: string, sourceArn: string) {
    const principal = { kind: 'service', service: PRINCIPAL, sourceArn } as const;
    this.#parts.ctx.authority.authorize(principal, [{ action: 'lambda:InvokeFunction', resource: functionArn }]);
  }

  #domainName(): string {
    return new URL(this.#parts.endpoint()).host;
  }

  #admits(stage: Stage): boolean {
    if (!stage.throttle) return true;
    const throttle = this.#throttles.get(stage) ?? new Throttle(stage.throttle);
    this.#throttles.set(stage, throttle);
    return throttle.admits();
  }

  #errorResponse(error: unknown, values: LogValues): GatewayResponse {
    const known = error instanceof GatewayError ? error : unexpected(error);
    if (known.status >= 500) this.#parts.ctx.log(`${known.status}: ${known.reason}`);
    values.set('error.message', known.message);
    values.set('error.messageString', JSON.stringify(known.message));
    values.set(known.reason === known.message ? 'error.responseType' : 'integrationErrorMessage', known.reason);
    const body = Buffer.from(JSON.stringify({ message: known.message }));
    return { status: known.status, headers: { 'content-type': 'application/json' }, body };
  }
}

function unexpected(error: unknown): GatewayError {
  const reason = error instanceof Error ? error.message : String(error);
  if (error instanceof AwsError && error.status === 413)
    return new GatewayError(413, 'Request Entity Too Large', reason);
  return new GatewayError(500, 'Internal Server Error', reason);
}

function withCors({ cors }: Api, head: Omit<GatewayRequest, 'body'>, headers: GatewayResponse['headers']) {
  if (!cors || isPreflight(head.method, head.headers)) return headers;
  const kept = Object.entries(headers).filter(([name]) => !name.startsWith('access-control-'));
  return { ...Object.fromEntries(kept), ...responseHeaders(cors, head.headers.origin) };
}
