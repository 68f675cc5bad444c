/** The registrar, as use cases call it: its refusals become domain errors. */
import { DomainError, notFound } from '../api/errors.ts';
import type { Register, RegistrarAnswer } from './registrar-protocol.ts';

const REFUSALS = {
  'invalid-token': () => new DomainError('invalid-token', 'Send a valid access token as Authorization: Bearer.'),
  forbidden: () => new DomainError('forbidden', 'Nobody gives a member or a client more than they hold themselves.'),
  'not-found': () => notFound('resource'),
  'already-member': () => new DomainError('conflict', 'This person is a member of the account already.'),
} as const;

export const callRegistrar =
  (call: (request: unknown) => Promise<RegistrarAnswer>): Register =>
  async (request) => {
    const answer = await call(request);
    if (!answer.done) throw REFUSALS[answer.reason]();
    return answer;
  };
