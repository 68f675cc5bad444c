/**
 * API Gateway's HTTP API on a laptop: the template's routes on one loopback port, with payload format 2.0, Lambda authorizers, CORS,
 * throttling, access log and the gateway's own limits and error bodies. This room owns the listener, the routes and the authorizers'
 * cache. It runs functions through `FunctionRuntime` only, and only where the template's function permissions let API Gateway.
 *
 * Unlike AWS: one API, its stage `$default`, plain HTTP/1.1; what AWS documents no status for (a head above the limit: 431) is a guess.
 */
import type { FunctionRuntime, ResourceProvider, ServiceContext } from '../../contract.ts';
import { ApiModel } from './api-model.ts';
import { Gateway, type LogSink } from './gateway.ts';
import { type Listener, listen } from './listener.ts';
import { apiProvider, stageProvider } from './providers/api-provider.ts';
import { authorizerProvider, integrationProvider, routeProvider } from './providers/route-provider.ts';

export interface HttpApiOptions {
  readonly runtime: FunctionRuntime;
  /** Takes the access log; Lambda's `logs`. */
  readonly logs: LogSink;
  /** The origin at which clients reach the API, `http://localhost:3000`. */
  endpoint(): string;
}

export interface HttpApi {
  readonly providers: readonly ResourceProvider[];
  /** Rejects with the system's error if the port is taken. Host: 127.0.0.1 (and ::1 on the same port) if not given. */
  listen(options: { readonly port: number; readonly host?: string }): Promise<{ readonly port: number }>;
  close(): Promise<void>;
}

export function createHttpApi(ctx: ServiceContext, { runtime, logs, endpoint }: HttpApiOptions): HttpApi {
  const model = new ApiModel();
  const gateway = new Gateway({ ctx, model, runtime, logs, endpoint });
  let listener: Listener | undefined;
  return {
    providers: [
      apiProvider(model, endpoint),
      stageProvider(model),
      routeProvider(model),
      integrationProvider(model),
      authorizerProvider(model),
    ],
    async listen({ port, host = '127.0.0.1' }) {
      listener = await listen((incoming) => gateway.handle(incoming), { port, host });
      return { port: listener.port };
    },
    async close() {
      await listener?.close();
    },
  };
}
