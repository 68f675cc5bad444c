/**
 * A route is a value. It feeds the gateway (infra), the edge, the OpenAPI document, the docs page and the generated tests, so
 * this file and every `<x>-api.ts` hold schemas only: no AWS client, no use case.
 */
import * as z from 'zod';
import { MAX_DEPTH } from '../platform/json-value.ts';
import type { ErrorCode } from './errors.ts';
import type { AccountScope } from './scopes.ts';

export type Method = 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE';

/**
 * Who may call: a closed list of public routes, a connector by its secret, any signed-in person, the operator, or an account's
 * principal by scope.
 */
export type Access = 'public' | 'connector' | 'person' | 'operator' | AccountScope;

export interface Route {
  /** Stable name: OpenAPI `operationId`, audit action, idempotency scope. */
  readonly id: string;
  readonly method: Method;
  readonly path: `/${string}`;
  readonly access: Access;
  readonly summary: string;
  readonly params: z.ZodObject;
  readonly query: z.ZodObject;
  readonly body: z.ZodType | undefined;
  readonly output: z.ZodType | undefined;
  readonly status: 200 | 201 | 202 | 204;
  /** Where nothing is left to do later, it answers 204 instead, without a body. */
  readonly orDone: boolean;
  readonly problems: readonly ErrorCode[];
  /** `required`: 428 without `If-Match`; `optional`: checked when sent. */
  readonly ifMatch: 'required' | 'optional' | 'none';
  /** Members of the answer that are shown once and never replayed. */
  readonly secrets: readonly string[];
  /** Media types of the answer beside JSON, or instead of it where there is no `output`. */
  readonly alsoProduces: readonly string[];
  /** Media type of what its answer is the address of: it answers 302 to that, unless JSON is asked for. */
  readonly redirectsTo: string | undefined;
  /** Media types that a request body may have beside JSON. */
  readonly alsoConsumes: readonly string[];
  /** Bytes that a request body may have. */
  readonly bodyLimit: number;
  /** Levels of arrays and objects that a request body may have. */
  readonly bodyDepth: number;
}

const BODY_LIMIT = 256 * 1024;
/** Of what carries readings. */
export const READINGS_LIMIT = 1024 * 1024;

const nothing = z.strictObject({});
type Nothing = typeof nothing;

/** Declares a route; what is left out is empty, and `status` follows the method. */
export function route<
  const A extends Access,
  P extends z.ZodObject = Nothing,
  Q extends z.ZodObject = Nothing,
  B extends z.ZodType | undefined = undefined,
  O extends z.ZodType | undefined = undefined,
>(declaration: {
  id: string;
  method: Method;
  path: `/${string}`;
  access: A;
  summary: string;
  params?: P;
  query?: Q;
  body?: B;
  output?: O;
  status?: Route['status'];
  orDone?: boolean;
  problems?: readonly ErrorCode[];
  ifMatch?: Route['ifMatch'];
  secrets?: readonly string[];
  alsoProduces?: readonly string[];
  redirectsTo?: string;
  alsoConsumes?: readonly string[];
  bodyLimit?: number;
  bodyDepth?: number;
}) {
  const { method, output } = declaration;
  return {
    ...declaration,
    params: (declaration.params ?? nothing) as P,
    query: (declaration.query ?? nothing) as Q,
    body: declaration.body as B,
    output: output as O,
    status: declaration.status ?? (method === 'POST' ? 201 : output || declaration.alsoProduces ? 200 : 204),
    orDone: declaration.orDone ?? false,
    problems: declaration.problems ?? [],
    ifMatch: declaration.ifMatch ?? 'none',
    secrets: declaration.secrets ?? [],
    alsoProduces: declaration.alsoProduces ?? [],
    redirectsTo: declaration.redirectsTo,
    alsoConsumes: declaration.alsoConsumes ?? [],
    bodyLimit: declaration.bodyLimit ?? BODY_LIMIT,
    bodyDepth: declaration.bodyDepth ?? MAX_DEPTH,
  } satisfies Route;
}

/** What the answer may be rendered as, the default first; none: it has no body. */
export const mediaTypesOf = ({ output, alsoProduces }: Route): readonly string[] => [
  ...(output ? ['application/json'] : []),
  ...alsoProduces,
];

/** What a body may come as. A merge patch is one only as the body of a `PATCH`. */
export const bodyTypesOf = ({ method, alsoConsumes }: Route): readonly string[] => [
  'application/json',
  ...alsoConsumes,
  ...(method === 'PATCH' ? ['application/merge-patch+json'] : []),
];

/** What `If-Match` names: versions, or any that there is; `undefined`: it wasn't sent. */
export type IfMatch = readonly number[] | '*' | undefined;

export interface IdempotencyClaim {
  /** The `Idempotency-Key`. */
  readonly key: string;
  /** What the request asks for; see `requestHash`. */
  readonly request: string;
}

/** What a use case gets of a request, parsed by the route's schemas. */
export interface Input<R extends Route> {
  readonly params: z.output<R['params']>;
  readonly query: z.output<R['query']>;
  readonly body: R['body'] extends z.ZodType ? z.output<R['body']> : undefined;
  readonly ifMatch: IfMatch;
  /** Of those that the route produces, what the caller accepts best. */
  readonly mediaType: string;
  /** On routes of the operator alone; for those of an account, the edge sees to it. */
  readonly idempotency?: IdempotencyClaim | undefined;
}

/** What a use case answers. `version` becomes the ETag; `next` becomes a `Link` header. */
export interface Output<R extends Route> {
  readonly body?: R['output'] extends z.ZodType ? z.input<R['output']> : undefined;
  readonly version?: number;
  readonly location?: string;
  readonly next?: string | undefined;
  readonly status?: 200 | 201;
  /** Instead of a body: where what was asked for is. */
  readonly redirect?: string;
  /** Instead of JSON: another media type, already rendered. */
  readonly rendered?: {
    readonly contentType: string;
    readonly text: string;
    /** In lower case; each replaces the edge's own. */
    readonly headers?: Readonly<Record<string, string>>;
  };
}
