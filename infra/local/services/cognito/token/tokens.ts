/** Token responses with the claims that Cognito puts in. The issuer is AWS's, so that verifiers need no local exception. */
import { createHash, randomUUID } from 'node:crypto';
import type { Clock } from '../../../contract.ts';
import { tokenLives } from '../client/client-settings.ts';
import type { Client } from '../client/clients.ts';
import type { Pools } from '../pool/pools.ts';
import type { User } from '../user/users.ts';
import type { Grants } from './grants.ts';
import type { SigningKeys } from './signing-keys.ts';

export interface TokenResponse {
  readonly access_token: string;
  readonly id_token?: string;
  readonly refresh_token?: string;
  readonly expires_in: number;
  readonly token_type: 'Bearer';
}

/** One sign-in of one person at one client. Times in epoch milliseconds. */
export interface SignIn {
  readonly scope: string;
  readonly authTime: number;
  readonly originJti: string;
  readonly nonce?: string | undefined;
}

const SCOPED_ATTRIBUTES: Record<string, readonly string[]> = {
  email: ['email', 'email_verified'],
  phone: ['phone_number', 'phone_number_verified'],
};
const seconds = (milliseconds: number) => Math.floor(milliseconds / 1000);

/** What the scopes and the client's ReadAttributes let an application see of a person; `openid` alone shows all. */
export function visibleAttributes(user: User, client: Client | undefined, scope: string): Record<string, unknown> {
  const scopes = scope.split(' ');
  const narrow = ['email', 'phone', 'profile'].filter((name) => scopes.includes(name));
  const isIn = (name: string) =>
    narrow.length === 0 ||
    narrow.some((group) =>
      group === 'profile'
        ? !Object.values(SCOPED_ATTRIBUTES).flat().includes(name)
        : SCOPED_ATTRIBUTES[group]?.includes(name),
    );
  const readable = client?.settings.ReadAttributes;
  const shown = Object.entries(user.attributes).filter(
    ([name]) => name === 'sub' || (isIn(name) && (!readable || readable.includes(name))),
  );
  return Object.fromEntries(
    shown.map(([name, value]) => [name, name.endsWith('_verified') ? value === 'true' : value]),
  );
}

export type Tokens = ReturnType<typeof createTokens>;

export function createTokens(deps: { clock: Clock; pools: Pools; keys: SigningKeys; grants: Grants }) {
  const { clock, pools, keys, grants } = deps;

  function forUser(client: Client, user: User, signIn: SignIn): TokenResponse {
    const lives = tokenLives(client.settings);
    const iat = seconds(clock.now());
    const shared = {
      iss: pools.issuer(client.pool),
      origin_jti: signIn.originJti,
      auth_time: seconds(signIn.authTime),
      iat,
    };
    const access_token = keys.sign(client.pool, {
      sub: user.sub,
      ...shared,
      version: 2,
      client_id: client.id,
      token_use: 'access',
      scope: signIn.scope,
      exp: iat + lives.access,
      jti: randomUUID(),
      username: user.username,
    });
    const response = { access_token, expires_in: lives.access, token_type: 'Bearer' } as const;
    if (!signIn.scope.split(' ').includes('openid')) return response;
    const id_token = keys.sign(client.pool, {
      at_hash: createHash('sha256').update(access_token).digest().subarray(0, 16).toString('base64url'),
      ...visibleAttributes(user, client, signIn.scope),
      ...shared,
      'cognito:username': user.username,
      aud: client.id,
      token_use: 'id',
      nonce: signIn.nonce,
      exp: iat + lives.id,
      jti: randomUUID(),
    });
    return { ...response, id_token };
  }

  return {
    forUser,
    /** The first tokens of a sign-in, with the refresh token that stands for it. */
    forSignIn(client: Client, user: User, signIn: Omit<SignIn, 'originJti'>): TokenResponse {
      const originJti = randomUUID();
      const refresh_token = grants.issueRefresh({
        client: client.id,
        pool: client.pool,
        username: user.username,
        scope: signIn.scope,
        auth_time: signIn.authTime,
        origin_jti: originJti,
        expires_at: clock.now() + tokenLives(client.settings).refresh * 1000,
      });
      return { ...forUser(client, user, { ...signIn, originJti }), refresh_token };
    },
    forClient(client: Client, scope: string): TokenResponse {
      const expires_in = tokenLives(client.settings).access;
      const iat = seconds(clock.now());
      const access_token = keys.sign(client.pool, {
        sub: client.id,
        token_use: 'access',
        scope,
        auth_time: iat,
        iss: pools.issuer(client.pool),
        exp: iat + expires_in,
        iat,
        version: 2,
        jti: randomUUID(),
        client_id: client.id,
      });
      return { access_token, expires_in, token_type: 'Bearer' };
    },
  };
}
