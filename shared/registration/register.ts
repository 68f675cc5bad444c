/**
 * The registrar: the one system function that writes who belongs to an account, into the directory and Cognito. It trusts no
 * handler: it establishes the identity behind the token again, acts only for that identity's account, and gives nobody more than
 * the caller holds.
 */
import { resolveAccount, resolveOperator } from '../api/caller.ts';
import { DomainError } from '../api/errors.ts';
import type { AccountScope } from '../api/scopes.ts';
import { DirectoryConflict } from '../directory/directory.ts';
import { establishConnector } from '../identity/connector-proof.ts';
import { registerForAccount } from './register-for-account.ts';
import { registerForOperator } from './register-for-operator.ts';
import { done, type RegistrarDeps, refuse } from './registrar.ts';
import {
  type AccountCommand,
  accountCommand,
  type ConnectorAnnouncement,
  operatorCommand,
  type RegistrarAnswer,
  registrarRequest,
} from './registrar-protocol.ts';

const NEEDS = {
  'add-member': 'members.write',
  'change-role': 'members.write',
  'remove-member': 'members.write',
  'add-client': 'api-clients.write',
  'rotate-client': 'api-clients.write',
  'remove-client': 'api-clients.write',
  'add-connector': 'connectors.write',
  'remove-connector': 'connectors.write',
  announce: 'readings.write',
} as const satisfies Record<AccountCommand['kind'], AccountScope>;

/** Throws for a request of the wrong form; refuses, as a value, whoever may not. */
export const register =
  (deps: RegistrarDeps) =>
  async (input: unknown): Promise<RegistrarAnswer> => {
    const request = registrarRequest.parse(input);
    if (!('token' in request)) return announceForConnector(deps, request);
    const { token, command } = request;
    const identity = await deps.establish(token);
    if (!identity) return refuse('invalid-token');
    try {
      const ofAccount = accountCommand.safeParse(command).data;
      if (!ofAccount) {
        const { principal } = resolveOperator(identity, token);
        return await registerForOperator(deps, principal.id, operatorCommand.parse(command));
      }
      const caller = resolveAccount(identity, ofAccount.account, token);
      if (!caller.rights.has(NEEDS[ofAccount.kind])) return refuse('forbidden');
      return await registerForAccount(deps, caller, ofAccount);
    } catch (error) {
      if (error instanceof DomainError) return refuse('forbidden');
      if (error instanceof DirectoryConflict) return refuse('not-found');
      throw error;
    }
  };

/** What a connector has stored is of its own product. */
async function announceForConnector(
  deps: RegistrarDeps,
  { command, ...proof }: ConnectorAnnouncement,
): Promise<RegistrarAnswer> {
  const known = await establishConnector(deps.directory)(proof);
  if (!known) return refuse('invalid-token');
  const { kind: _, slot, ...of } = command;
  if (known.status !== 'active' || known.account !== of.account || known.product !== of.product)
    return refuse('forbidden');
  await deps.announce(of, slot);
  return done();
}
