/** From the authorizer's context, or a connector's secret, to a caller; and from a caller's rights to a refusal. */
import type { OpenSession } from '../identity/account-sessions.ts';
import { bearerToken } from '../identity/authorize-request.ts';
import { connectorProof } from '../identity/connector-proof.ts';
import type { OpenConnector } from '../identity/connector-sessions.ts';
import { type Identity, identity as identitySchema } from '../identity/identity.ts';
import { type ConnectorCaller, resolveAccount, resolveOperator } from './caller.ts';
import { DomainError } from './errors.ts';
import { type AnyCaller, isAccountCaller } from './exchange.ts';
import type { HttpEvent } from './http-event.ts';
import type { Route } from './route.ts';
import { RESOURCE_SERVER } from './scopes.ts';

function establishedIdentity(event: HttpEvent): { identity: Identity; token: string } {
  const context = event.requestContext.authorizer?.lambda;
  const token = bearerToken(event.headers);
  if (context?.auth !== 'established' || token === undefined) {
    throw new DomainError('invalid-token', 'Send a valid access token as Authorization: Bearer.');
  }
  return { identity: identitySchema.parse(JSON.parse(context.identity)), token };
}

/** The same refusal for a secret that is missing or wrong, and for a connector that isn't there. */
async function establishedConnector(event: HttpEvent, open: OpenConnector): Promise<ConnectorCaller> {
  const { connector } = event.pathParameters;
  const proof = connectorProof.safeParse({ connector, secret: bearerToken(event.headers) });
  const found = proof.success ? await open(proof.data) : undefined;
  if (!found) throw new DomainError('invalid-token', 'Send the secret of this connector as Authorization: Bearer.');
  return found;
}

export async function identifyCaller(
  route: Route,
  event: HttpEvent,
  { openSession, openConnector }: { openSession: OpenSession; openConnector?: OpenConnector | undefined },
): Promise<AnyCaller> {
  if (route.access === 'public') return undefined;
  if (route.access === 'connector') {
    if (!openConnector) throw new Error('This function knows no connectors.');
    return establishedConnector(event, openConnector);
  }
  const { identity, token } = establishedIdentity(event);
  if (route.access === 'operator') return resolveOperator(identity, token);
  if (route.access === 'person') {
    if (identity.kind !== 'member') throw new DomainError('forbidden', 'Only a person has memberships.');
    return { memberships: identity.memberships };
  }
  const resolved = resolveAccount(identity, event.headers['custodia-account'], token);
  return { ...resolved, session: await openSession({ kind: 'token', token, account: resolved.account }) };
}

export function refuseOutOfScope({ access }: Route, caller: AnyCaller): void {
  if (access === 'public' || access === 'connector' || access === 'person' || access === 'operator') return;
  if (!isAccountCaller(caller) || !caller.rights.has(access)) {
    throw new DomainError('forbidden', `This needs the scope ${RESOURCE_SERVER}/${access}, and a role that holds it.`);
  }
}
