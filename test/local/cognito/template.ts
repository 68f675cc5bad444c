/** The stack that the tests deploy: one pool, its domain and resource server, a public client and a program's client. */
import { CALLBACK, type Host, SIGNED_OUT } from './harness.ts';

export const SCOPES = ['devices.read', 'devices.write', 'readings.read'];
export const scope = (name: string) => `shop/${name}`;

export interface Deployed {
  readonly poolId: string;
  readonly publicClient: string;
  readonly programClient: string;
  readonly programSecret: string;
}

export const poolProperties = {
  UserPoolName: 'people',
  AdminCreateUserConfig: {
    AllowAdminCreateUserOnly: true,
    InviteMessageTemplate: { EmailSubject: 'Welcome', EmailMessage: 'Sign in as {username} with {####} please' },
  },
  UsernameAttributes: ['email'],
  UsernameConfiguration: { CaseSensitive: false },
  AutoVerifiedAttributes: ['email'],
  Policies: { PasswordPolicy: { MinimumLength: 12, RequireSymbols: false, TemporaryPasswordValidityDays: 3 } },
  MfaConfiguration: 'OPTIONAL',
  EnabledMfas: ['SOFTWARE_TOKEN_MFA'],
  DeletionProtection: 'ACTIVE',
};

export const publicClientProperties = (UserPoolId: string) => ({
  UserPoolId,
  AllowedOAuthFlowsUserPoolClient: true,
  AllowedOAuthFlows: ['code'],
  AllowedOAuthScopes: ['openid', 'email', ...SCOPES.map(scope)],
  CallbackURLs: [CALLBACK],
  LogoutURLs: [SIGNED_OUT],
  AccessTokenValidity: 15,
  IdTokenValidity: 15,
  RefreshTokenValidity: 7,
  TokenValidityUnits: { AccessToken: 'minutes', IdToken: 'minutes', RefreshToken: 'days' },
  SupportedIdentityProviders: ['COGNITO'],
});

const programClientProperties = (UserPoolId: string) => ({
  UserPoolId,
  GenerateSecret: true,
  AllowedOAuthFlowsUserPoolClient: true,
  AllowedOAuthFlows: ['client_credentials'],
  AllowedOAuthScopes: SCOPES.slice(0, 2).map(scope),
});

export async function deploy(
  host: Host,
  { pool = {}, client = {}, domain = true }: { pool?: object; client?: object; domain?: boolean } = {},
): Promise<Deployed> {
  const { ref: poolId } = await host.provision('Pool', 'AWS::Cognito::UserPool', { ...poolProperties, ...pool });
  if (domain)
    await host.provision('Domain', 'AWS::Cognito::UserPoolDomain', {
      UserPoolId: poolId,
      Domain: 'shop-test',
      ManagedLoginVersion: 2,
    });
  await host.provision('Server', 'AWS::Cognito::UserPoolResourceServer', {
    UserPoolId: poolId,
    Identifier: 'shop',
    Name: 'shop',
    Scopes: SCOPES.map((ScopeName) => ({ ScopeName, ScopeDescription: ScopeName })),
  });
  const { ref: publicClient } = await host.provision('Public', 'AWS::Cognito::UserPoolClient', {
    ...publicClientProperties(poolId),
    ...client,
  });
  await host.provision('Branding', 'AWS::Cognito::ManagedLoginBranding', {
    UserPoolId: poolId,
    ClientId: publicClient,
    UseCognitoProvidedValues: true,
  });
  const program = await host.provision('Program', 'AWS::Cognito::UserPoolClient', programClientProperties(poolId));
  const programSecret = String(program.attributes.ClientSecret);
  return { poolId, publicClient, programClient: program.ref, programSecret };
}
