/**
 * Connectors that have shown their secret, in a warm handler: each with a session of its account, believed for 30 seconds, as the
 * gateway believes a token's identity. A deleted connector and a suspended account are refused from then on.
 */
import { DomainError } from '../api/errors.ts';
import type { AccountSession } from '../platform/account-session.ts';
import { callFunction } from '../platform/call-function.ts';
import { type SessionDeps, sessionMaker } from './account-sessions.ts';
import { sessionAnswer } from './broker-protocol.ts';
import { type ConnectorProof, type EstablishedConnector, secretHash } from './connector-proof.ts';

const BELIEVED_MS = 30_000;
const MOST_CONNECTORS = 200;

export interface OpenedConnector {
  readonly connector: Omit<EstablishedConnector, 'account' | 'status'>;
  readonly proof: ConnectorProof;
  readonly session: AccountSession;
}

/** `undefined`: the secret is wrong, or there is no such connector. */
export type OpenConnector = (proof: ConnectorProof) => Promise<OpenedConnector | undefined>;

export function connectorSessions(deps: SessionDeps): OpenConnector {
  const ask = callFunction(deps.lambda, deps.brokerFunction, sessionAnswer);
  const make = sessionMaker(deps);
  const known = new Map<string, { opened: OpenedConnector; until: number }>();

  return async (proof) => {
    const key = `${proof.connector} ${secretHash(proof.secret)}`;
    const believed = known.get(key);
    if (believed && believed.until > deps.now()) return believed.opened;
    known.delete(key);
    const asked = deps.now();
    const answer = await ask({ kind: 'connector', ...proof });
    if (!answer.granted) {
      if (answer.reason === 'invalid-token') return undefined;
      throw new DomainError('forbidden', 'The account of this connector is suspended.');
    }
    if (!answer.connector) throw new Error('The broker answered no connector.');
    const opened = { connector: { id: proof.connector, ...answer.connector }, proof, session: make(answer) };
    if (known.size >= MOST_CONNECTORS) known.delete(known.keys().next().value ?? '');
    known.set(key, { opened, until: asked + BELIEVED_MS });
    return opened;
  };
}
