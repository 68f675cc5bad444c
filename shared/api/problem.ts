/** RFC 9457 problem details: the one table from error code to HTTP. */
import * as z from 'zod';
import type { DomainError, ErrorCode } from './errors.ts';

interface ProblemType {
  readonly status: number;
  readonly title: string;
}

export const PROBLEMS = {
  validation: { status: 400, title: 'The request is not valid' },
  'invalid-token': { status: 401, title: 'The access token is missing, invalid or revoked' },
  forbidden: { status: 403, title: 'Not allowed' },
  'not-found': { status: 404, title: 'Not found' },
  'not-acceptable': { status: 406, title: 'None of the accepted media types can be produced' },
  conflict: { status: 409, title: 'Not possible in the present state' },
  'in-flight': { status: 409, title: 'A request with this idempotency key is still running' },
  stale: { status: 412, title: 'It was changed in the meantime' },
  'too-large': { status: 413, title: 'The request body is too large' },
  'unsupported-media-type': { status: 415, title: 'The content type is not supported' },
  'idempotency-mismatch': { status: 422, title: 'The idempotency key was used with another request' },
  'precondition-required': { status: 428, title: 'If-Match is required' },
  'too-many-requests': { status: 429, title: 'Too many requests' },
  internal: { status: 500, title: 'Something went wrong on our side' },
  unavailable: { status: 503, title: 'Temporarily unavailable, try again' },
} as const satisfies Record<ErrorCode, ProblemType>;

export const PROBLEM_MEDIA_TYPE = 'application/problem+json';

/** Stable: scripts compare it. */
export const problemType = (code: ErrorCode) => `urn:custodia:problem:${code}`;

export const problem = z
  .object({
    type: z.string().meta({
      description: 'Stable: what scripts compare.',
      format: 'uri',
      examples: [problemType('validation')],
    }),
    title: z.string(),
    status: z.int(),
    detail: z.string().describe('What a person can do about it.'),
    requestId: z.string().describe('What to name to the operator.'),
    errors: z
      .array(
        z.object({
          pointer: z.string().meta({
            description: 'A JSON Pointer (RFC 6901) into the body; `/query/…` into the query.',
            examples: ['/name'],
          }),
          detail: z.string(),
        }),
      )
      .optional()
      .describe('What is wrong with the request, one by one.'),
  })
  .meta({ id: 'Problem', description: 'Why a request was refused or failed (RFC 9457).' });

/** The body of an error answer. `detail` says what a person can do; never a stack trace. */
export function problemBody(error: DomainError, requestId: string): z.input<typeof problem> {
  const { status, title } = PROBLEMS[error.code];
  return {
    type: problemType(error.code),
    title,
    status,
    detail: error.message,
    ...(error.errors ? { errors: [...error.errors] } : {}),
    requestId,
  };
}
