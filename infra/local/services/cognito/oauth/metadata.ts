/** Where a pool's endpoints are, for people, scripts and OpenID discovery. */
import { STANDARD_SCOPES } from '../client/client-settings.ts';
import type { Core } from '../core.ts';

export interface PoolDescription {
  readonly poolId: string;
  readonly arn: string;
  /** AWS's own, as in every token; nothing answers there. */
  readonly issuer: string;
  readonly authorizeUrl: string;
  readonly tokenUrl: string;
  readonly revokeUrl: string;
  readonly userInfoUrl: string;
  readonly logoutUrl: string;
  readonly jwksUrl: string;
}

export function describePool({ pools, authOrigin }: Core, poolId: string): PoolDescription {
  pools.get(poolId);
  const base = `${authOrigin()}/${poolId}`;
  return {
    poolId,
    arn: pools.arn(poolId),
    issuer: pools.issuer(poolId),
    authorizeUrl: `${base}/oauth2/authorize`,
    tokenUrl: `${base}/oauth2/token`,
    revokeUrl: `${base}/oauth2/revoke`,
    userInfoUrl: `${base}/oauth2/userInfo`,
    logoutUrl: `${base}/logout`,
    jwksUrl: `${base}/.well-known/jwks.json`,
  };
}

export function openIdConfiguration(core: Core, poolId: string) {
  const pool = describePool(core, poolId);
  return {
    issuer: pool.issuer,
    authorization_endpoint: pool.authorizeUrl,
    token_endpoint: pool.tokenUrl,
    revocation_endpoint: pool.revokeUrl,
    userinfo_endpoint: pool.userInfoUrl,
    end_session_endpoint: pool.logoutUrl,
    jwks_uri: pool.jwksUrl,
    response_types_supported: ['code'],
    grant_types_supported: ['authorization_code', 'refresh_token', 'client_credentials'],
    code_challenge_methods_supported: ['S256'],
    scopes_supported: STANDARD_SCOPES.filter((scope) => !scope.startsWith('aws.')),
    subject_types_supported: ['public'],
    id_token_signing_alg_values_supported: ['RS256'],
    token_endpoint_auth_methods_supported: ['client_secret_basic', 'client_secret_post', 'none'],
  };
}
