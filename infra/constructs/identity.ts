/**
 * Who may sign in: a user pool of customers with the resource server `custodia` (people by code + PKCE, programs by client
 * credentials), and a small one of operators. Two pools, because MFA is a pool's property, not a client's, and so that customers
 * and operators can't be mixed up. Roles come from the directory at each request, never from a token.
 */
import { Aws, Duration, Fn } from 'aws-cdk-lib';
import {
  AccountRecovery,
  CfnManagedLoginBranding,
  CfnUserPoolUser,
  FeaturePlan,
  ManagedLoginVersion,
  Mfa,
  OAuthScope,
  ResourceServerScope,
  UserPool,
  type UserPoolClient,
  type UserPoolDomain,
  UserPoolEmail,
} from 'aws-cdk-lib/aws-cognito';
import { Construct } from 'constructs';
import { ACCOUNT_SCOPES, OPERATOR_SCOPE, RESOURCE_SERVER } from '../../shared/api/scopes.ts';
import type { Settings } from '../settings.ts';
import { acknowledge } from './acknowledge.ts';
import { stateLifetime } from './lifetime.ts';

const ACCESS_TOKEN_LIFE = Duration.minutes(60);
const REFRESH_TOKEN_LIFE = Duration.days(30);
const INVITATION_DAYS = Duration.days(7);

export class Identity extends Construct {
  readonly pool: UserPool;
  readonly domain: UserPoolDomain;
  /** People of accounts: public, code + PKCE. */
  readonly publicClient: UserPoolClient;
  /** The operator's program: client credentials, scope `custodia/operator` alone. */
  readonly operatorClient: UserPoolClient;
  readonly operatorPool: UserPool;
  readonly operatorDomain: UserPoolDomain;
  readonly operatorPublicClient: UserPoolClient;

  constructor(scope: Construct, id: string, { settings }: { settings: Settings }) {
    super(scope, id);
    this.pool = this.userPool('Customers', settings, Mfa.OPTIONAL);
    this.operatorPool = this.userPool('Operators', settings, settings.stage === 'prod' ? Mfa.REQUIRED : Mfa.OPTIONAL);
    // A prefix is mandatory and unique per region: the stack's own id is unique, too.
    const unique = Fn.select(2, Fn.split('/', Aws.STACK_ID));
    this.domain = this.login(this.pool, `custodia-${unique}`);
    this.operatorDomain = this.login(this.operatorPool, `custodia-operators-${unique}`);

    const account = ACCOUNT_SCOPES.map(
      (scopeName) => new ResourceServerScope({ scopeName, scopeDescription: `Custodia: ${scopeName}` }),
    );
    const operator = new ResourceServerScope({ scopeName: OPERATOR_SCOPE, scopeDescription: 'Custodia: the operator' });
    const server = this.pool.addResourceServer('Api', { identifier: RESOURCE_SERVER, scopes: [...account, operator] });
    const operatorServer = this.operatorPool.addResourceServer('Api', {
      identifier: RESOURCE_SERVER,
      scopes: [operator],
    });

    // A scope is a request, never a right: a member who asks for `custodia/operator` gets a token that no operator route accepts.
    this.publicClient = this.people(this.pool, settings, [
      OAuthScope.OPENID,
      OAuthScope.EMAIL,
      OAuthScope.PROFILE,
      ...account.map((s) => OAuthScope.resourceServer(server, s)),
      OAuthScope.resourceServer(server, operator),
    ]);
    this.operatorPublicClient = this.people(this.operatorPool, settings, [
      OAuthScope.OPENID,
      OAuthScope.EMAIL,
      OAuthScope.resourceServer(operatorServer, operator),
    ]);
    this.operatorClient = this.pool.addClient('OperatorProgram', {
      generateSecret: true,
      oAuth: { flows: { clientCredentials: true }, scopes: [OAuthScope.resourceServer(server, operator)] },
      accessTokenValidity: ACCESS_TOKEN_LIFE,
      enableTokenRevocation: true,
    });
    if (settings.operatorEmail) {
      new CfnUserPoolUser(this, 'FirstOperator', {
        userPoolId: this.operatorPool.userPoolId,
        username: settings.operatorEmail,
        desiredDeliveryMediums: ['EMAIL'],
        userAttributes: [
          { name: 'email', value: settings.operatorEmail },
          { name: 'email_verified', value: 'true' },
        ],
      });
    }
  }

  /** E-mail as user name, invitation only, long passwords. */
  private userPool(name: string, settings: Settings, mfa: Mfa): UserPool {
    const pool = new UserPool(this, name, {
      selfSignUpEnabled: false,
      signInAliases: { email: true },
      signInCaseSensitive: false,
      autoVerify: { email: true },
      accountRecovery: AccountRecovery.EMAIL_ONLY,
      mfa,
      mfaSecondFactor: { otp: true, sms: false },
      featurePlan: FeaturePlan.ESSENTIALS,
      passwordPolicy: {
        minLength: 12,
        requireDigits: true,
        requireLowercase: true,
        requireUppercase: true,
        requireSymbols: true,
        tempPasswordValidity: INVITATION_DAYS,
      },
      userInvitation: {
        emailSubject: 'Your invitation to Custodia',
        emailBody: 'You are invited to Custodia. Sign in as {username} with this temporary password: {####}',
      },
      ...(settings.ses
        ? { email: UserPoolEmail.withSES({ fromEmail: settings.ses.from, sesRegion: settings.ses.region }) }
        : {}),
      ...stateLifetime(settings),
    });
    acknowledge(pool, {
      ...(mfa === Mfa.REQUIRED
        ? {}
        : {
            'AwsSolutions::AwsSolutions-COG2':
              'MFA is required of operators on prod; customers choose it for themselves, and dev has nobody to protect.',
          }),
      'AwsSolutions::AwsSolutions-COG8':
        'Threat protection is the Plus plan: it profiles sign-ins, and costs per user. The operator may switch it on.',
    });
    return pool;
  }

  private login(pool: UserPool, domainPrefix: string): UserPoolDomain {
    return pool.addDomain('Domain', {
      cognitoDomain: { domainPrefix },
      managedLoginVersion: ManagedLoginVersion.NEWER_MANAGED_LOGIN,
    });
  }

  private people(pool: UserPool, settings: Settings, scopes: OAuthScope[]): UserPoolClient {
    const client = pool.addClient('People', {
      generateSecret: false,
      preventUserExistenceErrors: true,
      enableTokenRevocation: true,
      oAuth: {
        flows: { authorizationCodeGrant: true },
        scopes,
        callbackUrls: [...settings.callbackUrls],
        logoutUrls: [...settings.callbackUrls],
      },
      accessTokenValidity: ACCESS_TOKEN_LIFE,
      idTokenValidity: ACCESS_TOKEN_LIFE,
      refreshTokenValidity: REFRESH_TOKEN_LIFE,
    });
    new CfnManagedLoginBranding(pool, 'Branding', {
      userPoolId: pool.userPoolId,
      clientId: client.userPoolClientId,
      useCognitoProvidedValues: true,
    });
    return client;
  }
}

/** The operator's secret is read by command, never put into an output. */
export const secretCommand = (poolId: string, clientId: string): string =>
  `aws cognito-idp describe-user-pool-client --user-pool-id ${poolId} --client-id ${clientId} --query UserPoolClient.ClientSecret`;
