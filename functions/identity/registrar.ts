/** Rung by handlers that change who belongs to an account. */
import { CognitoIdentityProviderClient } from '@aws-sdk/client-cognito-identity-provider';
import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { establishIdentity, tokenSettings } from '../../shared/identity/establish-identity.ts';
import { jwksEnv, readEnv, tokenEnv } from '../../shared/platform/env.ts';
import { register } from '../../shared/registration/register.ts';
import { userPool } from '../../shared/registration/user-pool.ts';

const env = readEnv(tokenEnv.extend(jwksEnv.shape));
const directory = { db: new DynamoDBClient({}), table: env.DIRECTORY_TABLE };

export const handler = register({
  establish: establishIdentity(tokenSettings(env), directory),
  directory,
  pool: userPool(new CognitoIdentityProviderClient({}), env.USER_POOL_ID),
  now: Date.now,
});
