/**
 * Cognito user pools on the laptop: the AWS API `cognito-idp`, the OAuth 2 and OpenID endpoints with their login page, and
 * the CloudFormation types that make them.
 *
 * It owns its folder below the data directory (one SQLite file, one signing key per pool) and nothing else. It opens no
 * listener: the host gives web requests to `handleWeb` and API calls, allowed by the template's policies, to `service`.
 * People come from this file's own pages only; the front door's callers can't sign anybody in. Tokens carry AWS's issuer and
 * claims, so that the verifier under test is the one that runs on AWS.
 */
import type { IncomingMessage, ServerResponse } from 'node:http';
import type { AwsService, ResourceProvider, ServiceContext } from '../../contract.ts';
import { createService } from './api/service.ts';
import { createClients } from './client/clients.ts';
import type { Core } from './core.ts';
import { createLogins } from './login/logins.ts';
import { describePool, type PoolDescription } from './oauth/metadata.ts';
import { createPools } from './pool/pools.ts';
import { userPoolProvider } from './providers/user-pool.ts';
import { userPoolClientProvider } from './providers/user-pool-client.ts';
import { brandingProvider, domainProvider, resourceServerProvider } from './providers/user-pool-parts.ts';
import { userPoolUserProvider } from './providers/user-pool-user.ts';
import { openDatabase } from './store/database.ts';
import { createGrants } from './token/grants.ts';
import { createSigningKeys, type Jwk } from './token/signing-keys.ts';
import { createTokens } from './token/tokens.ts';
import { type Mail, manageUsers } from './user/manage-users.ts';
import { createPasswords } from './user/passwords.ts';
import { createSignInAttempts } from './user/sign-in-attempts.ts';
import { createUsers } from './user/users.ts';
import { createWebHandler } from './web.ts';

export interface CognitoOptions {
  /** Where browsers reach the auth listener: `http://localhost:9000`, without a slash at its end. */
  authOrigin(): string;
  sendMail(mail: Mail): Promise<void>;
  /** bcrypt's cost. Default 10. */
  readonly passwordCost?: number;
}

export interface Cognito {
  readonly service: AwsService;
  readonly providers: readonly ResourceProvider[];
  /** For the auth listener; never rejects. */
  handleWeb(request: IncomingMessage, response: ServerResponse): Promise<void>;
  describePool(poolId: string): PoolDescription;
  /** The pool's public keys, for verifiers that can't fetch plain HTTP. */
  jwks(poolId: string): { readonly keys: readonly Jwk[] };
  /** Sees to it that this person exists and can sign in with exactly this password; sends no mail. Answers the `sub`. */
  ensureUser(poolId: string, email: string, password: string): Promise<{ readonly sub: string }>;
}

export function createCognito(ctx: ServiceContext, options: CognitoOptions): Cognito {
  const { clock } = ctx;
  const db = openDatabase(ctx.dir);
  const pools = createPools(db, clock, ctx);
  const users = createUsers(db, clock);
  const grants = createGrants(db, clock);
  const keys = createSigningKeys(ctx.dir);
  const passwords = createPasswords(options.passwordCost ?? 10);
  const core: Core = {
    db,
    clock,
    pools,
    users,
    grants,
    keys,
    passwords,
    clients: createClients(db, clock, pools),
    manage: manageUsers({ clock, users, grants, passwords, sendMail: options.sendMail, log: ctx.log }),
    attempts: createSignInAttempts(db, clock),
    tokens: createTokens({ clock, pools, keys, grants }),
    logins: createLogins(db, clock),
    authOrigin: options.authOrigin,
  };
  return {
    service: createService(core, async () => db.close()),
    providers: [
      userPoolProvider(core),
      resourceServerProvider(core),
      userPoolClientProvider(core),
      domainProvider(core),
      brandingProvider(core),
      userPoolUserProvider(core),
    ],
    handleWeb: createWebHandler(core, ctx.log),
    describePool: (poolId) => describePool(core, poolId),
    jwks: (poolId) => ({ keys: [keys.jwk(pools.get(poolId).id)] }),
    ensureUser: async (poolId, email, password) => {
      const { sub } = await core.manage.ensure(pools.get(poolId), email, password);
      return { sub };
    },
  };
}
