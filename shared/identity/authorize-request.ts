/**
 * The API's authorizer: establishes identity and lets everything through, also a bad token, as `invalid_token`: the edge answers
 * 401 with `WWW-Authenticate` and a problem document, which a gateway's bare 403 is not. Cached 30 seconds by the gateway.
 */
import * as z from 'zod';
import type { AuthorizerContext, Identity } from './identity.ts';

const event = z.object({ headers: z.record(z.string(), z.string()) });

/** The token of `Authorization: Bearer …`; the only place a token may be. */
export function bearerToken(headers: Readonly<Record<string, string | undefined>>): string | undefined {
  return /^Bearer ([\w.~+/=-]+)$/i.exec(headers.authorization ?? '')?.[1];
}

export const authorizeRequest =
  (deps: { establish: (token: string) => Promise<Identity | undefined> }) =>
  async (input: unknown): Promise<{ isAuthorized: true; context: AuthorizerContext }> => {
    const token = bearerToken(event.parse(input).headers);
    const identity = token && (await deps.establish(token));
    const context: AuthorizerContext = identity
      ? { auth: 'established', identity: JSON.stringify(identity) }
      : { auth: 'invalid_token' };
    return { isAuthorized: true, context };
  };
