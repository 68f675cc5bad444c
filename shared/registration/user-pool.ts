/** Sign-ins and clients in Cognito, as the registrar makes and ends them. */
import {
  AdminCreateUserCommand,
  AdminDeleteUserCommand,
  AdminGetUserCommand,
  type AttributeType,
  type CognitoIdentityProviderClient,
  CreateUserPoolClientCommand,
  DeleteUserPoolClientCommand,
  DescribeUserPoolClientCommand,
  ResourceNotFoundException,
  UserNotFoundException,
  UsernameExistsException,
} from '@aws-sdk/client-cognito-identity-provider';
import { type AccountScope, isAccountScope, RESOURCE_SERVER, scopesOfClaim } from '../api/scopes.ts';

const TOKEN_MINUTES = 60;

const subOf = (attributes: readonly AttributeType[] | undefined): string => {
  const sub = attributes?.find(({ Name }) => Name === 'sub')?.Value;
  if (!sub) throw new Error('Cognito answered no sub.');
  return sub;
};

export function userPool(cognito: CognitoIdentityProviderClient, poolId: string) {
  const UserPoolId = poolId;
  return {
    /** The person of this e-mail: invited if new, else found. Which of both is nobody's business but Cognito's. */
    async invite(email: string): Promise<string> {
      try {
        const { User } = await cognito.send(
          new AdminCreateUserCommand({
            UserPoolId,
            Username: email,
            DesiredDeliveryMediums: ['EMAIL'],
            UserAttributes: [
              { Name: 'email', Value: email },
              { Name: 'email_verified', Value: 'true' },
            ],
          }),
        );
        return subOf(User?.Attributes);
      } catch (error) {
        if (!(error instanceof UsernameExistsException)) throw error;
        const found = await cognito.send(new AdminGetUserCommand({ UserPoolId, Username: email }));
        return subOf(found.UserAttributes);
      }
    },

    /** Ends a sign-in; one that is gone is fine. With e-mail as alias, the user name is the sub. */
    async removePerson(sub: string): Promise<void> {
      try {
        await cognito.send(new AdminDeleteUserCommand({ UserPoolId, Username: sub }));
      } catch (error) {
        if (!(error instanceof UserNotFoundException)) throw error;
      }
    },

    /** A program's client. `name` is its id: nothing that a person wrote gets into Cognito. */
    async addClient(name: string, scopes: readonly string[]): Promise<{ clientId: string; clientSecret: string }> {
      const { UserPoolClient: made } = await cognito.send(
        new CreateUserPoolClientCommand({
          UserPoolId,
          ClientName: name,
          GenerateSecret: true,
          AllowedOAuthFlows: ['client_credentials'],
          AllowedOAuthFlowsUserPoolClient: true,
          AllowedOAuthScopes: scopes.map((scope) => `${RESOURCE_SERVER}/${scope}`),
          AccessTokenValidity: TOKEN_MINUTES,
          TokenValidityUnits: { AccessToken: 'minutes' },
          EnableTokenRevocation: true,
        }),
      );
      if (!made?.ClientId || !made.ClientSecret) throw new Error('Cognito answered no client.');
      return { clientId: made.ClientId, clientSecret: made.ClientSecret };
    },

    /** What a program's client may ask for. */
    async scopesOf(clientId: string): Promise<AccountScope[]> {
      const { UserPoolClient: client } = await cognito.send(
        new DescribeUserPoolClientCommand({ UserPoolId, ClientId: clientId }),
      );
      return scopesOfClaim((client?.AllowedOAuthScopes ?? []).join(' ')).filter(isAccountScope);
    },

    async removeClient(clientId: string): Promise<void> {
      try {
        await cognito.send(new DeleteUserPoolClientCommand({ UserPoolId, ClientId: clientId }));
      } catch (error) {
        if (!(error instanceof ResourceNotFoundException)) throw error;
      }
    },
  };
}
export type UserPool = ReturnType<typeof userPool>;
