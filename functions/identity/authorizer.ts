/** Rung by the API gateway before every route with a token. */
import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { authorizeRequest } from '../../shared/identity/authorize-request.ts';
import { establishIdentity, tokenSettings } from '../../shared/identity/establish-identity.ts';
import { jwksEnv, readEnv, tokenEnv } from '../../shared/platform/env.ts';

const env = readEnv(tokenEnv.extend(jwksEnv.shape));
const directory = { db: new DynamoDBClient({}), table: env.DIRECTORY_TABLE };

export const handler = authorizeRequest({ establish: establishIdentity(tokenSettings(env), directory) });
