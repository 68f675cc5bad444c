/** Rung by handlers that change who belongs to an account. */
import { CognitoIdentityProviderClient } from '@aws-sdk/client-cognito-identity-provider';
import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { SQSClient } from '@aws-sdk/client-sqs';
import { establishIdentity, tokenSettings } from '../../shared/identity/establish-identity.ts';
import { jwksEnv, readEnv, registrarEnv } from '../../shared/platform/env.ts';
import { clientSecrets } from '../../shared/registration/client-secrets.ts';
import { register } from '../../shared/registration/register.ts';
import { endSecretLater } from '../../shared/registration/secret-endings.ts';
import { userPool } from '../../shared/registration/user-pool.ts';
import { putDue } from '../../shared/work/due.ts';

const env = readEnv(registrarEnv.extend(jwksEnv.shape));
const db = new DynamoDBClient({});
const directory = { db, table: env.DIRECTORY_TABLE };
const cognito = new CognitoIdentityProviderClient({});

export const handler = register({
  establish: establishIdentity(tokenSettings(env), directory),
  directory,
  pool: userPool(cognito, env.USER_POOL_ID),
  secrets: clientSecrets(cognito, env.USER_POOL_ID),
  endSecretLater: endSecretLater(new SQSClient({}), env.SECRET_ENDINGS_QUEUE),
  announce: (of, slot) => putDue({ db, table: env.WORK_TABLE }, { kind: 'compaction', ...of }, slot),
  now: Date.now,
});
