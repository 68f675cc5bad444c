/** The secrets of API clients in Cognito, which takes two for each, so that a program can change over. */
import {
  AddUserPoolClientSecretCommand,
  type CognitoIdentityProviderClient,
  DeleteUserPoolClientSecretCommand,
  LimitExceededException,
  ListUserPoolClientSecretsCommand,
  ResourceNotFoundException,
} from '@aws-sdk/client-cognito-identity-provider';

export function clientSecrets(cognito: CognitoIdentityProviderClient, UserPoolId: string) {
  return {
    /** Ids, oldest first; none where the client is gone. */
    async list(ClientId: string): Promise<string[]> {
      try {
        const { ClientSecrets = [] } = await cognito.send(
          new ListUserPoolClientSecretsCommand({ UserPoolId, ClientId }),
        );
        const byAge = ClientSecrets.toSorted(
          (a, b) => Number(a.ClientSecretCreateDate) - Number(b.ClientSecretCreateDate),
        );
        return byAge.flatMap(({ ClientSecretId }) => ClientSecretId ?? []);
      } catch (error) {
        if (error instanceof ResourceNotFoundException) return [];
        throw error;
      }
    },

    /** The new secret, or `undefined` where the client has two. */
    async add(ClientId: string): Promise<string | undefined> {
      try {
        const { ClientSecretDescriptor: made } = await cognito.send(
          new AddUserPoolClientSecretCommand({ UserPoolId, ClientId }),
        );
        if (!made?.ClientSecretValue) throw new Error('Cognito answered no secret.');
        return made.ClientSecretValue;
      } catch (error) {
        if (error instanceof LimitExceededException) return undefined;
        throw error;
      }
    },

    /** Ends a secret; one that is gone is fine. */
    async remove(ClientId: string, ClientSecretId: string): Promise<void> {
      try {
        await cognito.send(new DeleteUserPoolClientSecretCommand({ UserPoolId, ClientId, ClientSecretId }));
      } catch (error) {
        if (!(error instanceof ResourceNotFoundException)) throw error;
      }
    },
  };
}
export type ClientSecrets = ReturnType<typeof clientSecrets>;
