/** AWS's limits of one durable execution. */
import { AwsError } from '../../../contract.ts';

export const OPERATION_LIMIT = 3000;
/** All that was ever checkpointed. */
export const STORAGE_LIMIT = 100 * 1024 * 1024;
/**
 * A payload or error of one operation. The API's model has since spoken of 1 MB; 256 KB is what the SDK itself counts with, and
 * what passes here passes there.
 */
export const PAYLOAD_LIMIT = 256 * 1024;
export const RESULT_LIMIT = 6 * 1024 * 1024;
/** A caller waits no longer: AWS refuses to run a longer execution synchronously. */
export const SYNCHRONOUS_LIMIT_MS = 900_000;

export const invalid = (message: string): AwsError =>
  new AwsError('InvalidParameterValueException', message, 400, { Type: 'User' });
