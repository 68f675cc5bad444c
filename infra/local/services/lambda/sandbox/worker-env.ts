/**
 * The closed environment of a function: what Lambda sets, its role's session, the front door as the only AWS endpoint, and the
 * template's variables. Nothing of the environment of whoever started the host comes through.
 */
import { devNull } from 'node:os';
import type { Place } from '../../../contract.ts';
import type { FunctionDefinition } from '../functions/function-definition.ts';

export interface SessionCredentials {
  readonly accessKeyId: string;
  readonly secretAccessKey: string;
  readonly sessionToken: string;
  /** Epoch milliseconds on the host's clock; absent: they don't end by time. */
  readonly expires?: number;
}

export interface WorkerEnvSources {
  readonly place: Place;
  readonly projectRoot: string;
  readonly frontDoorUrl: string;
  readonly credentials: SessionCredentials;
  readonly extraEnv: Readonly<Record<string, string>>;
  readonly logStream: string;
}

export function workerEnv(definition: FunctionDefinition, sources: WorkerEnvSources): Record<string, string> {
  const { place, credentials } = sources;
  return {
    LANG: 'en_US.UTF-8',
    TZ: ':UTC',
    ...definition.environment,
    LAMBDA_TASK_ROOT: sources.projectRoot,
    _HANDLER: `index.${definition.exportName}`,
    AWS_REGION: place.region,
    AWS_DEFAULT_REGION: place.region,
    AWS_EXECUTION_ENV: 'AWS_Lambda_nodejs24.x',
    AWS_LAMBDA_FUNCTION_NAME: definition.name,
    AWS_LAMBDA_FUNCTION_VERSION: '$LATEST',
    AWS_LAMBDA_FUNCTION_MEMORY_SIZE: String(definition.memoryMb),
    AWS_LAMBDA_INITIALIZATION_TYPE: 'on-demand',
    AWS_LAMBDA_LOG_GROUP_NAME: definition.logGroup,
    AWS_LAMBDA_LOG_STREAM_NAME: sources.logStream,
    AWS_ENDPOINT_URL: sources.frontDoorUrl,
    AWS_CONFIG_FILE: devNull,
    AWS_SHARED_CREDENTIALS_FILE: devNull,
    AWS_EC2_METADATA_DISABLED: 'true',
    ...sources.extraEnv,
    // Last: the host's extras may not hand a function other rights than its role's.
    AWS_ACCESS_KEY_ID: credentials.accessKeyId,
    AWS_SECRET_ACCESS_KEY: credentials.secretAccessKey,
    AWS_SESSION_TOKEN: credentials.sessionToken,
  };
}
