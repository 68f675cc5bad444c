/** Cognito's errors as its clients know them by name. */
import { AwsError } from '../../contract.ts';

export const invalidParameter = (message: string) => new AwsError('InvalidParameterException', message);
export const notFound = (message: string) => new AwsError('ResourceNotFoundException', message);
export const noSuchUser = () => new AwsError('UserNotFoundException', 'User does not exist.');
export const limitExceeded = (message: string) => new AwsError('LimitExceededException', message);
