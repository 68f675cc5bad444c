/** The one HTTP API of the template with its stage, routes, integrations and authorizers, as the providers fill it in. */
import type { CorsConfiguration } from './cors.ts';
import type { RouteKey } from './route-selection.ts';

export interface Stage {
  readonly name: string;
  readonly variables: Readonly<Record<string, string>>;
  readonly accessLog?: { readonly group: string; readonly format: string };
  readonly throttle?: { readonly ratePerSecond: number; readonly burst: number };
}

export interface Integration {
  readonly functionArn: string;
  readonly timeoutMs: number;
}

export interface Route {
  readonly key: RouteKey;
  readonly integrationId: string;
  readonly authorizerId?: string;
}

export interface AuthorizerSettings {
  readonly id: string;
  readonly functionArn: string;
  /** `$request.header.Authorization`, … */
  readonly identitySources: readonly string[];
  readonly ttlMs: number;
}

export interface Api {
  readonly id: string;
  readonly cors?: CorsConfiguration;
  readonly stages: Map<string, Stage>;
  readonly routes: Map<string, Route>;
  readonly integrations: Map<string, Integration>;
  readonly authorizers: Map<string, AuthorizerSettings>;
}

export class ApiModel {
  #api: Api | undefined;

  put(id: string, cors: CorsConfiguration | undefined): void {
    if (this.#api && this.#api.id !== id)
      throw new Error('The laptop host serves one HTTP API, and the template has another');
    const maps = { stages: new Map(), routes: new Map(), integrations: new Map(), authorizers: new Map() };
    this.#api = { ...(this.#api ?? maps), id, ...(cors ? { cors } : {}) };
  }

  /** Throws if the template has no such API. */
  get(id: string): Api {
    if (this.#api?.id !== id) throw new Error(`There is no HTTP API ${id}`);
    return this.#api;
  }

  get current(): Api | undefined {
    return this.#api;
  }
}
