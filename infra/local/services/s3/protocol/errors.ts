/** S3's errors: XML of its own form, and its own names for what the front door refuses. */
import { randomUUID } from 'node:crypto';
import { AwsError, type AwsResponse } from '../../../contract.ts';
import { SignatureDateError } from '../../../front-door/sigv4/verify-signature.ts';
import { errorDocument, type Members } from './xml.ts';

const S3_CODES: Readonly<Record<string, string>> = {
  AccessDeniedException: 'AccessDenied',
  UnrecognizedClientException: 'InvalidAccessKeyId',
  InvalidSignatureException: 'SignatureDoesNotMatch',
  ExpiredTokenException: 'ExpiredToken',
  InternalFailure: 'InternalError',
};

export function errorResponse(error: AwsError): AwsResponse {
  const requestId = randomUUID();
  const { code, message, status, details } = renamed(error);
  return {
    status,
    headers: { 'content-type': 'application/xml', 'x-amz-request-id': requestId },
    body: errorDocument({ Code: code, Message: message, ...(details as Members), RequestId: requestId }),
  };
}

export function renamed(error: AwsError): AwsError {
  if (error instanceof SignatureDateError) {
    return error.presigned
      ? new AwsError('AccessDenied', `Request has expired. ${error.message}`, 403)
      : new AwsError('RequestTimeTooSkewed', error.message, 403);
  }
  const code = S3_CODES[error.code] ?? error.code;
  const status = code === 'AccessDenied' ? 403 : code === 'ExpiredToken' ? 400 : error.status;
  return new AwsError(code, error.message, status, error.details);
}

export const accessDenied = (message: string): AwsError => new AwsError('AccessDenied', message, 403);
export const noSuchKey = (key: string): AwsError =>
  new AwsError('NoSuchKey', 'The specified key does not exist.', 404, { Key: key });
export const noSuchBucket = (bucket: string): AwsError =>
  new AwsError('NoSuchBucket', 'The specified bucket does not exist', 404, { BucketName: bucket });
export const noSuchUpload = (id: string): AwsError =>
  new AwsError('NoSuchUpload', 'The specified multipart upload does not exist.', 404, { UploadId: id });
export const preconditionFailed = (condition: string): AwsError =>
  new AwsError('PreconditionFailed', 'At least one of the pre-conditions you specified did not hold', 412, {
    Condition: condition,
  });
export const invalidArgument = (message: string, name: string, value: string): AwsError =>
  new AwsError('InvalidArgument', message, 400, { ArgumentName: name, ArgumentValue: value });
export const notServed = (what: string): AwsError =>
  new AwsError('NotImplemented', `The laptop's S3 doesn't serve ${what}.`, 501);
