/** From a bearer token to who asks: signature, issuer and use against Cognito's keys, then life in the directory. */
import { CognitoJwtVerifier } from 'aws-jwt-verify';
import { JwtBaseError } from 'aws-jwt-verify/error';
import { SimpleJwksCache } from 'aws-jwt-verify/jwk';
import * as z from 'zod';
import { scopesOfClaim } from '../api/scopes.ts';
import { type Directory, findAccount, findClient, findSubject } from '../directory/directory.ts';
import type { Identity } from './identity.ts';

export interface TokenSettings {
  readonly userPoolId: string;
  readonly operatorPoolId: string;
  readonly operatorClientId: string;
  /** Base URL (ends in `/`) to read `{pool}/.well-known/jwks.json` from, instead of the issuer's own host. */
  readonly jwksEndpoint?: string | undefined;
}

const claims = z.object({ iss: z.string(), sub: z.string(), client_id: z.string(), scope: z.string().default('') });

/** JWKS from the given base: the issuer's path stays, the host is replaced. */
const jwksFrom = (base: string) =>
  new SimpleJwksCache({
    fetcher: {
      fetch: async (uri: string) => {
        const answer = await fetch(new URL(new URL(uri).pathname.slice(1), base));
        if (!answer.ok) throw new Error(`JWKS: ${answer.status}`);
        return answer.arrayBuffer();
      },
    },
  });

/**
 * Answers who a bearer token stands for, or `undefined` for a token that is malformed, forged, expired, foreign, an ID token, or
 * whose client or person is no longer in the directory. Throws when that can't be found out.
 */
export function establishIdentity(settings: TokenSettings, directory: Directory) {
  const { userPoolId, operatorPoolId, operatorClientId, jwksEndpoint } = settings;
  const pool = (id: string) => ({ userPoolId: id, tokenUse: 'access' as const, clientId: null });
  const verifier = CognitoJwtVerifier.create(
    [pool(userPoolId), pool(operatorPoolId)],
    jwksEndpoint ? { jwksCache: jwksFrom(jwksEndpoint) } : undefined,
  );

  async function verify(token: string) {
    try {
      return claims.parse(await verifier.verify(token));
    } catch (error) {
      if (error instanceof JwtBaseError && !error.name.startsWith('Fetch')) return undefined;
      throw error;
    }
  }

  return async (token: string): Promise<Identity | undefined> => {
    const claim = await verify(token);
    if (!claim) return undefined;
    const scopes = scopesOfClaim(claim.scope);
    if (claim.iss.endsWith(`/${operatorPoolId}`)) return { kind: 'operator', id: claim.sub, scopes };
    if (claim.client_id === operatorClientId) return { kind: 'operator', id: claim.client_id, scopes };
    // Client credentials carry the client as their subject.
    return claim.sub === claim.client_id ? client(claim.client_id, scopes) : person(claim.sub, scopes);
  };

  async function client(clientId: string, scopes: string[]): Promise<Identity | undefined> {
    const row = await findClient(directory, clientId);
    const account = row && (await findAccount(directory, row.account));
    return (
      row && account && { kind: 'client', account: row.account, client: row.client, status: account.status, scopes }
    );
  }

  async function person(sub: string, scopes: string[]): Promise<Identity | undefined> {
    const rows = await findSubject(directory, sub);
    const memberships = await Promise.all(
      rows.map(async (row) => {
        const account = await findAccount(directory, row.account);
        return account ? [{ ...row, status: account.status }] : [];
      }),
    );
    return rows.length === 0 ? undefined : { kind: 'member', sub, memberships: memberships.flat(), scopes };
  }
}

export const tokenSettings = (env: {
  USER_POOL_ID: string;
  OPERATOR_POOL_ID: string;
  OPERATOR_CLIENT_ID: string;
  JWKS_ENDPOINT_URL?: string | undefined;
}): TokenSettings => ({
  userPoolId: env.USER_POOL_ID,
  operatorPoolId: env.OPERATOR_POOL_ID,
  operatorClientId: env.OPERATOR_CLIENT_ID,
  jwksEndpoint: env.JWKS_ENDPOINT_URL,
});
