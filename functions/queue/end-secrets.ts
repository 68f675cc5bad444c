/** Rung by the queue of secret endings, fifteen minutes after an API client's secret was replaced. */
import { CognitoIdentityProviderClient } from '@aws-sdk/client-cognito-identity-provider';
import { endSecretsEnv, readEnv } from '../../shared/platform/env.ts';
import { sqsFunction } from '../../shared/platform/sqs-batch.ts';
import { clientSecrets } from '../../shared/registration/client-secrets.ts';
import { endSecrets } from '../../shared/registration/secret-endings.ts';

const env = readEnv(endSecretsEnv);

export const handler = sqsFunction(
  endSecrets({ secrets: clientSecrets(new CognitoIdentityProviderClient({}), env.USER_POOL_ID) }),
);
