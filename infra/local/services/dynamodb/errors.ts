/** DynamoDB's errors, in its JSON 1.0 protocol, and dynalite's errors turned into them. */
import * as z from 'zod';
import { AwsError, type AwsResponse } from '../../contract.ts';
import { jsonResponse } from '../json-response.ts';

export const validationError = (message: string) => new AwsError('ValidationException', message);

export const resourceNotFound = (message = 'Requested resource not found') =>
  new AwsError('ResourceNotFoundException', message);

const dynaliteError = z.object({
  statusCode: z.number(),
  body: z.object({ __type: z.string(), message: z.string().optional(), Message: z.string().optional() }),
});

/** dynalite's own error as an `AwsError`; anything else (a bug in it, a fault of the disk) as it is. */
export function fromDynalite(error: unknown): unknown {
  const parsed = dynaliteError.safeParse(error);
  if (!parsed.success) return error;
  const { statusCode, body } = parsed.data;
  return new AwsError(body.__type.replace(/^.*#/, ''), body.message ?? body.Message ?? '', statusCode);
}

/** What a caller sees of an error that nobody foresaw: that it happened, and nothing of the data it happened on. */
export function unexpected(error: unknown, log: (message: string) => void): AwsError {
  if (error instanceof AwsError) return error;
  const place = error instanceof Error ? error.stack?.split('\n').find((line) => /^\s+at /.test(line)) : undefined;
  log(`dynamodb: unexpected ${error instanceof Error ? error.name : typeof error}${place ? place.trimEnd() : ''}`);
  return new AwsError('InternalServerError', 'The request processing has failed because of an unknown error.', 500);
}

export const errorResponse = (error: AwsError): AwsResponse =>
  jsonResponse(
    { __type: `com.amazonaws.dynamodb.v20120810#${error.code}`, message: error.message, ...error.details },
    error.status,
  );
