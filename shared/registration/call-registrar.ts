/** The registrar, as use cases call it: its refusals become domain errors. */
import { DomainError, notFound } from '../api/errors.ts';
import { idempotencyMismatch, requestInFlight } from '../idempotency/idempotency.ts';
import type { ConnectorProof } from '../identity/connector-proof.ts';
import { alreadyMember, lastOwner } from '../member/member-errors.ts';
import type { Register, RegistrarAnswer } from './registrar-protocol.ts';

const REFUSALS = {
  'invalid-token': () => new DomainError('invalid-token', 'Send a valid access token as Authorization: Bearer.'),
  forbidden: () => new DomainError('forbidden', 'Nobody gives a member or a client more than they hold themselves.'),
  'not-found': () => notFound('resource'),
  'already-member': alreadyMember,
  'last-owner': lastOwner,
  stale: () => new DomainError('stale', 'The role was changed in the meantime: read the member again.'),
  'two-secrets': () =>
    new DomainError('conflict', 'The secret before this one still works. Rotate again when it has ended.'),
  'idempotency-mismatch': idempotencyMismatch,
  'in-flight': requestInFlight,
} as const satisfies Record<Extract<RegistrarAnswer, { done: false }>['reason'], () => DomainError>;

export const callRegistrar =
  (call: (request: unknown) => Promise<RegistrarAnswer>): Register =>
  async (request) => {
    const answer = await call(request);
    if (!answer.done) throw REFUSALS[answer.reason]();
    return answer;
  };

/** Announces with the proof by which readings were written: an access token, or a connector's own. */
export const announceBy =
  (register: Register) =>
  async (
    of: { account: string; product: string },
    slot: string,
    proof: { token: string } | ConnectorProof,
  ): Promise<void> => {
    await register({ ...proof, command: { kind: 'announce', ...of, slot } });
  };
