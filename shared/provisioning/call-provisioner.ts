/** The provisioner, as use cases call it: its refusals become domain errors. */
import { DomainError, invalid, notFound } from '../api/errors.ts';
import type { Provision, ProvisionerAnswer } from './provisioner-protocol.ts';

const REFUSALS = {
  'invalid-token': () => new DomainError('invalid-token', 'Send a valid access token as Authorization: Bearer.'),
  forbidden: () => new DomainError('forbidden', 'The access token gives no right to this.'),
  'not-found': () => notFound('resource'),
  'bad-csr': () =>
    invalid(
      '/csr',
      'is not a PEM certificate signing request with an RSA (2048 bits or more) or EC (P-256, P-384) key',
    ),
  'too-many': () => new DomainError('conflict', 'The device has as many credentials as it may have: delete one first.'),
} as const;

export const callProvisioner =
  (call: (request: unknown) => Promise<ProvisionerAnswer>): Provision =>
  async (request) => {
    const answer = await call(request);
    if (!answer.done) throw REFUSALS[answer.reason]();
    return answer;
  };

/** Of what is still stored, the provisioner may know nothing any more: an earlier removal broke off after it. */
export async function orGone(removal: Promise<unknown>): Promise<void> {
  try {
    await removal;
  } catch (error) {
    if (!(error instanceof DomainError) || error.code !== 'not-found') throw error;
  }
}
