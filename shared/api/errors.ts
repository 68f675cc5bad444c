/**
 * The error family of the domain: named, with a stable `code`, without HTTP. A concept throws these (or a subclass in its own
 * `<x>-errors.ts`); `problem.ts` alone maps a code to a status.
 */
export type ErrorCode =
  | 'validation'
  | 'invalid-token'
  | 'forbidden'
  | 'not-found'
  | 'conflict'
  | 'in-flight'
  | 'stale'
  | 'precondition-required'
  | 'too-large'
  | 'unsupported-media-type'
  | 'not-acceptable'
  | 'idempotency-mismatch'
  | 'too-many-requests'
  | 'unavailable'
  | 'internal';

/** One thing that is wrong with a request: a JSON Pointer into body, query (`/query/…`) or path, and why. */
export interface FieldError {
  readonly pointer: string;
  readonly detail: string;
}

export class DomainError extends Error {
  readonly code: ErrorCode;
  readonly errors: readonly FieldError[] | undefined;
  constructor(code: ErrorCode, message: string, options: { errors?: readonly FieldError[]; cause?: unknown } = {}) {
    super(message, { cause: options.cause });
    this.name = 'DomainError';
    this.code = code;
    this.errors = options.errors;
  }
}

/** The same for an id that doesn't exist and for another account's. */
export const notFound = (what: string) => new DomainError('not-found', `There is no such ${what}.`);

export const invalid = (pointer: string, detail: string) =>
  new DomainError('validation', 'The request is not valid.', { errors: [{ pointer, detail }] });
