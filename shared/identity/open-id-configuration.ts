/** Where clients find the token endpoint and the rest, by OpenID Connect Discovery. */

/** A pool's id begins with its region. */
const issuerHost = (userPoolId: string) =>
  `https://cognito-idp.${userPoolId.slice(0, userPoolId.indexOf('_'))}.amazonaws.com/`;

export const openIdConfiguration = (env: { USER_POOL_ID: string; JWKS_ENDPOINT_URL?: string | undefined }): string =>
  new URL(`${env.USER_POOL_ID}/.well-known/openid-configuration`, env.JWKS_ENDPOINT_URL ?? issuerHost(env.USER_POOL_ID))
    .href;
