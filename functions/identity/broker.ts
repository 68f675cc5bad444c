/** Rung by handlers and jobs that need an account's session, and by handlers that start a job. */
import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { KMSClient } from '@aws-sdk/client-kms';
import { STSClient } from '@aws-sdk/client-sts';
import { brokerCredentials } from '../../shared/identity/broker-credentials.ts';
import { establishIdentity, tokenSettings } from '../../shared/identity/establish-identity.ts';
import { brokerEnv, jwksEnv, readEnv } from '../../shared/platform/env.ts';

const env = readEnv(brokerEnv.extend(jwksEnv.shape));
const directory = { db: new DynamoDBClient({}), table: env.DIRECTORY_TABLE };

export const handler = brokerCredentials({
  establish: establishIdentity(tokenSettings(env), directory),
  directory,
  sts: new STSClient({}),
  accountDataRole: env.ACCOUNT_DATA_ROLE,
  seal: { kms: new KMSClient({}), masterKeyId: env.MASTER_KEY_ID },
  now: Date.now,
});
