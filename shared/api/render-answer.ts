/** From a use case's output, or an error, to the gateway's answer. Bodies are parsed by the route's schema before they leave. */
import { definedJson } from '../platform/defined.ts';
import { stringifyJson } from '../platform/json-value.ts';
import type { DomainError } from './errors.ts';
import type { HttpAnswer, HttpEvent } from './http-event.ts';
import { PROBLEM_MEDIA_TYPE, PROBLEMS, problemBody } from './problem.ts';
import type { Output, Route } from './route.ts';

/** What any answer about an account's things says to caches. */
const PRIVATE = { 'cache-control': 'no-store' };

/** The next page's address: the same request with another cursor. */
function nextLink(event: HttpEvent, next: string): string {
  const query = new URLSearchParams(event.rawQueryString);
  query.set('cursor', next);
  return `<${event.rawPath}?${query}>; rel="next"`;
}

export function renderOutput(route: Route, event: HttpEvent, output: Output<Route>): HttpAnswer {
  const headers: Record<string, string> = { ...PRIVATE };
  if (output.version !== undefined) headers.etag = `"${output.version}"`;
  if (output.location !== undefined) headers.location = output.location;
  if (output.next !== undefined) headers.link = nextLink(event, output.next);
  if (output.redirect !== undefined)
    return { statusCode: 302, headers: { ...headers, location: output.redirect }, body: '' };
  if (output.rendered) {
    const { contentType, text, headers: more } = output.rendered;
    return answerOf(route.status, { ...headers, ...more, 'content-type': contentType }, text);
  }
  const done = route.orDone && output.body === undefined;
  if (!route.output || done) return { statusCode: 204, headers, body: '' };
  const body = route.output.parse(output.body);
  headers['content-type'] = 'application/json';
  return answerOf(output.status ?? route.status, headers, stringifyJson(definedJson(body)));
}

/**
 * A function answers at most 6 MB, as JSON, in which a text may take twice its bytes (every quote is escaped). In base64 it takes
 * a third more, whatever it holds: so 4 MB always fit.
 */
const MOST_PLAIN_BYTES = 2_500_000;

const answerOf = (statusCode: number, headers: Record<string, string>, text: string): HttpAnswer =>
  Buffer.byteLength(text) > MOST_PLAIN_BYTES
    ? { statusCode, headers, body: Buffer.from(text).toString('base64'), isBase64Encoded: true }
    : { statusCode, headers, body: text };

export function renderProblem(error: DomainError, requestId: string): HttpAnswer {
  const headers: Record<string, string> = { ...PRIVATE, 'content-type': PROBLEM_MEDIA_TYPE };
  if (error.code === 'invalid-token') headers['www-authenticate'] = 'Bearer error="invalid_token"';
  if (error.code === 'unavailable' || error.code === 'too-many-requests') headers['retry-after'] = '2';
  return { statusCode: PROBLEMS[error.code].status, headers, body: JSON.stringify(problemBody(error, requestId)) };
}
