/** A person of a customer, as a web application signs them in: the real login page, code + PKCE, by a library of others. */
import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import * as oidc from 'openid-client';
import * as z from 'zod';
import { eventually } from './api.ts';
import { type Browser, newBrowser, type Shown } from './browser.ts';
import type { Endpoints } from './host.ts';

/** Long enough for the pool's policy. */
export const PASSWORD = 'Correct-Horse-7';

const mail = z.object({ to: z.string(), text: z.string() });

/** The temporary password of the newest invitation. */
export async function invitedPassword({ outbox }: Endpoints, email: string): Promise<string> {
  const read = async () =>
    readdirSync(outbox)
      .toSorted()
      .map((name) => mail.parse(JSON.parse(readFileSync(path.join(outbox, name), 'utf8'))))
      .findLast(({ to }) => to === email);
  const found = await eventually(read, (newest) => newest !== undefined);
  const password = /temporary password: (\S+)$/m.exec(found?.text ?? '')?.[1];
  if (!password) throw new Error(`No invitation of ${email} in the outbox.`);
  return password;
}

export interface Door {
  readonly authorizeUrl: string;
  readonly tokenUrl: string;
  readonly clientId: string;
  readonly redirectUri: string;
}

export const customersDoor = ({ oauth }: Endpoints): Door => ({
  authorizeUrl: oauth.authorizeUrl,
  tokenUrl: oauth.tokenUrl,
  clientId: oauth.publicClientId,
  redirectUri: oauth.redirectUris[0] ?? '',
});

export const operatorsDoor = ({ operator, oauth }: Endpoints): Door => ({
  authorizeUrl: operator.authorizeUrl,
  tokenUrl: operator.tokenUrl,
  clientId: operator.publicClientId,
  redirectUri: oauth.redirectUris[0] ?? '',
});

/** A public client; the issuer is the one that the tokens name. */
export function application({ oauth }: Endpoints, door: Door): oidc.Configuration {
  const pool = new URL(door.tokenUrl).pathname.split('/')[1] ?? '';
  const config = new oidc.Configuration(
    {
      issuer: oauth.issuer.replace(/[^/]+$/, pool),
      authorization_endpoint: door.authorizeUrl,
      token_endpoint: door.tokenUrl,
      revocation_endpoint: oauth.revokeUrl,
    },
    door.clientId,
    undefined,
    oidc.None(),
  );
  oidc.allowInsecureRequests(config);
  return config;
}

export type Tokens = Awaited<ReturnType<typeof oidc.authorizationCodeGrant>>;

/** Opens the login page, fills in what `fill` says, and redeems the code that the application gets. */
async function signInBy(
  config: oidc.Configuration,
  { redirectUri }: Door,
  scope: string,
  fill: (browser: Browser, page: Shown) => Promise<Shown>,
): Promise<Tokens> {
  const pkceCodeVerifier = oidc.randomPKCECodeVerifier();
  const expectedState = oidc.randomState();
  const url = oidc.buildAuthorizationUrl(config, {
    redirect_uri: redirectUri,
    scope,
    state: expectedState,
    code_challenge: await oidc.calculatePKCECodeChallenge(pkceCodeVerifier),
    code_challenge_method: 'S256',
  });
  const browser = newBrowser();
  const back = await fill(browser, await browser.open(url.href));
  if (!back.location) throw new Error(`The login page stayed: ${back.status} ${back.text}`);
  return oidc.authorizationCodeGrant(config, new URL(back.location), { pkceCodeVerifier, expectedState });
}

/** Signs in with a password that the person has chosen. */
export const signIn = (endpoints: Endpoints, door: Door, email: string, password: string, scope: string) =>
  signInBy(application(endpoints, door), door, scope, (browser, page) =>
    browser.submit(page, { username: email, password }),
  );

/** The first sign-in of somebody invited: the temporary password, then one of their own. */
export async function acceptInvitation(endpoints: Endpoints, email: string, scope: string): Promise<Tokens> {
  const door = customersDoor(endpoints);
  const temporary = await invitedPassword(endpoints, email);
  return signInBy(application(endpoints, door), door, scope, async (browser, page) => {
    const next = await browser.submit(page, { username: email, password: temporary });
    return browser.submit(next, { password: PASSWORD, again: PASSWORD });
  });
}
