/** From the gateway's event to a use case's input: parsed by the route's schemas, with a JSON Pointer for each thing that is wrong. */
import Negotiator from 'negotiator';
import type * as z from 'zod';
import { JsonError, type JsonValue, parseJson, stringifyJson } from '../platform/json-value.ts';
import { DomainError, type FieldError, invalid, notFound } from './errors.ts';
import type { HttpEvent } from './http-event.ts';
import { bodyTypesOf, type IfMatch, type Input, mediaTypesOf, type Route } from './route.ts';

const pointer = (path: readonly PropertyKey[]) =>
  path.map((part) => `/${String(part).replaceAll('~', '~0').replaceAll('/', '~1')}`).join('');

/** Enough for one of each element of the longest list that a request has. */
const MOST_ERRORS = 1000;

function fieldErrors(error: z.ZodError, prefix: string): FieldError[] {
  const errors = error.issues.flatMap((issue) =>
    issue.code === 'unrecognized_keys'
      ? issue.keys.map((key) => ({
          pointer: prefix + pointer([...issue.path, key]),
          detail: 'is not a field of this request',
        }))
      : [{ pointer: prefix + pointer(issue.path), detail: issue.message }],
  );
  return errors.slice(0, MOST_ERRORS);
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
  const types = bodyTypesOf(route);
  if (!types.includes(type)) throw new DomainError('unsupported-media-type', `Send a body as ${types.join(' or ')}.`);
  try {
    return parseJson(text, { maxDepth: route.bodyDepth });
  } catch (error) {
    if (!(error instanceof JsonError)) throw error;
    throw invalid('', error.message);
  }
}

/** `If-Match: "3"`, `"3", "4"` or `*`. A weak tag, or one that isn't ours, matches no version. */
function readIfMatch(route: Route, header: string | undefined): IfMatch {
  if (route.ifMatch === 'none') return undefined;
  if (header === undefined) {
    if (route.ifMatch === 'optional') return undefined;
    throw new DomainError('precondition-required', 'Send the ETag of what you read in If-Match.');
  }
  if (header.trim() === '*') return '*';
  return header.split(',').flatMap((tag) => {
    const version = /^"(\d{1,15})"$/.exec(tag.trim())?.[1];
    return version === undefined ? [] : [Number(version)];
  });
}

/** From the query as it was sent: the gateway's own object joins what is given twice. */
function readQuery({ rawQueryString }: HttpEvent): Record<string, string> {
  const query = Object.create(null) as Record<string, string>;
  for (const [name, value] of new URLSearchParams(rawQueryString)) {
    if (name in query) throw invalid(`/query${pointer([name])}`, 'is given twice');
    query[name] = value;
  }
  return query;
}

/** An id that can't be one is answered as one that nobody has; a name that can't be one is the caller's to mend. */
function readParams(route: Route, event: HttpEvent): z.output<Route['params']> {
  const params = route.params.safeParse(event.pathParameters);
  if (params.success) return params.data;
  const onlyName = params.error.issues.every(({ path: [first] }) => first === 'name');
  if (!onlyName) throw notFound('resource');
  throw new DomainError('validation', 'The path is not valid.', { errors: fieldErrors(params.error, '/path') });
}

function chooseMediaType(route: Route, accept: string | undefined): string {
  const offered = [...(route.redirectsTo ? [route.redirectsTo] : []), ...mediaTypesOf(route)];
  // Where there is no choice, none is asked for: a browser gets JSON, too.
  if (offered.length <= 1) return offered[0] ?? 'application/json';
  const chosen = new Negotiator({ headers: { accept: accept ?? '*/*' } }).mediaType(offered);
  if (chosen) return chosen;
  throw new DomainError('not-acceptable', `This answers ${offered.join(', ')}.`);
}

export function readRequest<R extends Route>(route: R, event: HttpEvent): Input<R> {
  const params = readParams(route, event);
  const body = readBody(route, event);
  if (body === undefined && route.body) throw invalid('', 'is required: this request takes a body');
  // Some clients send `{}` where there is nothing to say.
  if (body !== undefined && !route.body && stringifyJson(body) !== '{}') {
    throw invalid('', 'is not expected: this request takes no body');
  }
  return {
    params,
    query: parse(route.query, readQuery(event), '/query'),
    body: route.body ? parse(route.body, body, '') : undefined,
    ifMatch: readIfMatch(route, event.headers['if-match']),
    mediaType: chooseMediaType(route, event.headers.accept),
  } as Input<R>;
}
