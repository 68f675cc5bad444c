/** AWS IoT's errors, with the names and HTTP statuses that its SDK clients know. */
import { AwsError } from '../../contract.ts';

export const invalidRequest = (message: string) => new AwsError('InvalidRequestException', message, 400);
export const notFound = (message: string) => new AwsError('ResourceNotFoundException', message, 404);
export const versionConflict = (message: string) => new AwsError('VersionConflictException', message, 409);
export const deleteConflict = (message: string) => new AwsError('DeleteConflictException', message, 409);
export const certificateState = (message: string) => new AwsError('CertificateStateException', message, 406);
export const limitExceeded = (message: string) => new AwsError('LimitExceededException', message, 410);
export const payloadTooLarge = (message: string) => new AwsError('RequestEntityTooLargeException', message, 413);

export const alreadyExists = (resourceId: string, resourceArn: string) =>
  new AwsError('ResourceAlreadyExistsException', `${resourceId} already exists with other settings`, 409, {
    resourceId,
    resourceArn,
  });
