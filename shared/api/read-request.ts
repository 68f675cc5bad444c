/** From the gateway's event to a use case's input: parsed by the route's schemas, with a JSON Pointer for each thing that is wrong. */
import Negotiator from 'negotiator';
import type * as z from 'zod';
import { JsonError, type JsonValue, parseJson } from '../platform/json-value.ts';
import { DomainError, type FieldError, notFound } from './errors.ts';
import type { HttpEvent } from './http-event.ts';
import type { Input, Route } from './route.ts';

const JSON_TYPES = ['application/json', 'application/merge-patch+json'];

const pointer = (path: readonly PropertyKey[]) =>
  path.map((part) => `/${String(part).replaceAll('~', '~0').replaceAll('/', '~1')}`).join('');

function fieldErrors(error: z.ZodError, prefix: string): FieldError[] {
  return error.issues.flatMap((issue) =>
    issue.code === 'unrecognized_keys'
      ? issue.keys.map((key) => ({
          pointer: prefix + pointer([...issue.path, key]),
          detail: 'is not a field of this request',
        }))
      : [{ pointer: prefix + pointer(issue.path), detail: issue.message }],
  );
}

function parse<T extends z.ZodType>(schema: T, value: unknown, prefix: string): z.output<T> {
  const result = schema.safeParse(value);
  if (result.success) return result.data;
  throw new DomainError('validation', 'The request is not valid.', { errors: fieldErrors(result.error, prefix) });
}

/** The body as text; `undefined` when there is none. */
export function bodyText(event: HttpEvent): string | undefined {
  if (event.body === undefined || event.body === '') return undefined;
  return event.isBase64Encoded ? Buffer.from(event.body, 'base64').toString() : event.body;
}

function readBody(route: Route, event: HttpEvent): JsonValue | undefined {
  const text = bodyText(event);
  if (text === undefined) return undefined;
  if (Buffer.byteLength(text) > route.bodyLimit) {
    throw new DomainError('too-large', `A request body has at most ${route.bodyLimit} bytes.`);
  }
  const type = (event.headers['content-type'] ?? '').split(';')[0]?.trim().toLowerCase() ?? '';
  if (!JSON_TYPES.includes(type)) throw new DomainError('unsupported-media-type', 'Send a body as application/json.');
  try {
    return parseJson(text);
  } catch (error) {
    if (!(error instanceof JsonError)) throw error;
    throw new DomainError('validation', 'The body is not valid.', { errors: [{ pointer: '', detail: error.message }] });
  }
}

/** The version in `If-Match: "3"`; `*` asks for none. A weak or foreign tag matches no version. */
function readIfMatch(route: Route, header: string | undefined): number | undefined {
  if (header === undefined || route.ifMatch === 'none') {
    if (route.ifMatch !== 'required') return undefined;
    throw new DomainError('precondition-required', 'Send the ETag of what you read in If-Match.');
  }
  if (header.trim() === '*') return undefined;
  const version = /^"(\d{1,15})"$/.exec(header.trim())?.[1];
  if (version === undefined) throw new DomainError('stale', 'If-Match names no version of it.');
  return Number(version);
}

function chooseMediaType(route: Route, accept: string | undefined): string {
  const offered = ['application/json', ...route.alsoProduces];
  if (offered.length === 1) return 'application/json';
  const chosen = new Negotiator({ headers: { accept: accept ?? '*/*' } }).mediaType(offered);
  if (chosen) return chosen;
  throw new DomainError('not-acceptable', `This answers ${offered.join(', ')}.`);
}

export function readRequest<R extends Route>(route: R, event: HttpEvent): Input<R> {
  const params = route.params.safeParse(event.pathParameters);
  if (!params.success) throw notFound('resource');
  const body = readBody(route, event);
  if (body === undefined && route.body) throw new DomainError('validation', 'A body is required.');
  if (body !== undefined && !route.body && Object.keys(body ?? {}).length > 0) {
    throw new DomainError('validation', 'This request takes no body.');
  }
  return {
    params: params.data,
    query: parse(route.query, event.queryStringParameters, '/query'),
    body: route.body ? parse(route.body, body, '') : undefined,
    ifMatch: readIfMatch(route, event.headers['if-match']),
    mediaType: chooseMediaType(route, event.headers.accept),
  } as Input<R>;
}
