/**
 * REST-JSON, the protocol of both of AWS IoT's APIs: a table of routes becomes an `AwsService`. A member of a request that a
 * route doesn't serve is an error, never ignored.
 */
import * as z from 'zod';
import type { AwsRequest, AwsResponse, AwsService, Demand, Operation, Principal } from '../../../contract.ts';
import { AwsError } from '../../../contract.ts';
import { invalidRequest } from '../errors.ts';

export interface RouteDefinition<Schema extends z.ZodType> {
  readonly name: string;
  readonly method: 'DELETE' | 'GET' | 'PATCH' | 'POST' | 'PUT';
  /** `/things/{thingName}`; a last part `{topic+}` takes the rest of the path. */
  readonly path: string;
  /** Over the members of path, query, body and the headers named below, together. */
  readonly input: Schema;
  /** Header name → member. */
  readonly headers?: Readonly<Record<string, string>>;
  /** The body isn't JSON but the bytes of this member. */
  readonly payload?: string;
  readonly demands: (input: z.infer<Schema>) => readonly Demand[];
  /** What it answers is sent as JSON. */
  readonly run: (input: z.infer<Schema>, principal: Principal) => object | undefined | Promise<object | undefined>;
}

export interface Route {
  readonly method: string;
  readonly matches: (path: readonly string[]) => Readonly<Record<string, string>> | undefined;
  readonly operation: (parameters: Readonly<Record<string, string>>, request: AwsRequest) => Operation;
}

export function route<Schema extends z.ZodType>(definition: RouteDefinition<Schema>): Route {
  const pattern = definition.path.split('/').slice(1);
  return {
    method: definition.method,
    matches: (path) => matchPath(pattern, path),
    operation: (parameters, request) => {
      const parsed = definition.input.safeParse({ ...members(definition, request), ...parameters });
      if (!parsed.success) throw invalidRequest(z.prettifyError(parsed.error));
      const input = parsed.data;
      return {
        name: definition.name,
        demands: definition.demands(input),
        run: async (principal) => json(200, (await definition.run(input, principal)) ?? {}),
      };
    },
  };
}

function matchPath(pattern: readonly string[], path: readonly string[]): Record<string, string> | undefined {
  const greedy = pattern.at(-1)?.endsWith('+}') ?? false;
  if (greedy ? path.length < pattern.length : path.length !== pattern.length) return undefined;
  const parameters: Record<string, string> = {};
  for (const [index, part] of pattern.entries()) {
    const text = greedy && index === pattern.length - 1 ? path.slice(index).join('/') : (path[index] ?? '');
    const name = /^\{(\w+)\+?\}$/.exec(part)?.[1];
    if (name !== undefined) parameters[name] = decode(text);
    else if (part !== text) return undefined;
  }
  return parameters;
}

function decode(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    throw invalidRequest('The path is not well-formed.');
  }
}

function members(definition: Pick<RouteDefinition<z.ZodType>, 'headers' | 'payload'>, request: AwsRequest): object {
  const headers = Object.entries(definition.headers ?? {}).map(([header, member]) => [member, request.headers[header]]);
  return {
    ...(definition.payload === undefined ? readJson(request.body) : { [definition.payload]: request.body }),
    ...Object.fromEntries(request.url.searchParams),
    ...Object.fromEntries(headers.filter(([, value]) => value !== undefined)),
  };
}

function readJson(body: Buffer): object {
  if (body.length === 0) return {};
  let value: unknown;
  try {
    value = JSON.parse(body.toString());
  } catch {
    throw invalidRequest('The body is not JSON.');
  }
  if (typeof value !== 'object' || value === null || Array.isArray(value))
    throw invalidRequest('The body is not an object.');
  return value;
}

const json = (status: number, body: object, headers: Record<string, string> = {}): AwsResponse => ({
  status,
  headers: { 'content-type': 'application/json', ...headers },
  body: JSON.stringify(body),
});

/** `denied`: the name that this service gives to a refused call. */
export function restService(signingName: string, denied: string, routes: readonly Route[]): AwsService {
  return {
    signingName,
    operation(request) {
      const path = request.url.pathname.split('/').slice(1);
      for (const candidate of routes) {
        const parameters = candidate.method === request.method ? candidate.matches(path) : undefined;
        if (parameters) return candidate.operation(parameters, request);
      }
      throw new AwsError(
        'UnknownOperationException',
        `${signingName}: the laptop does not serve ${request.method} ${request.url.pathname}`,
        404,
      );
    },
    errorResponse: ({ code, message, status, details }) => {
      const refused = code === 'AccessDeniedException';
      const type = refused ? denied : code;
      return json(refused ? 403 : status, { ...details, message }, { 'x-amzn-errortype': type });
    },
  };
}

/** Members of a query come as text. */
export const flag = z.enum(['true', 'false']).transform((value) => value === 'true');
export const pageSize = z.coerce.number().int().min(1).max(250);
export const version = z.coerce.number().int().min(0);
export const resourceName = z.string().regex(/^[a-zA-Z0-9:_-]{1,128}$/);

/** One permission on each of these resources. */
export const on = (action: string, ...resources: readonly string[]): readonly Demand[] =>
  resources.map((resource) => ({ action: `iot:${action}`, resource }));
