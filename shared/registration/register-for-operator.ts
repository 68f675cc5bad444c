/** What the operator has registered: accounts, opened, listed and suspended. */
import { ACCOUNT_SCOPES } from '../api/scopes.ts';
import * as directory from '../directory/directory.ts';
import { addAccount } from '../directory/memberships.ts';
import { claimOpening, keepOpening, type Opening } from '../directory/openings.ts';
import { done, type RegistrarDeps, refuse } from './registrar.ts';
import type { OperatorCommand, RegistrarAnswer } from './registrar-protocol.ts';

export async function registerForOperator(
  deps: RegistrarDeps,
  principal: string,
  command: OperatorCommand,
): Promise<RegistrarAnswer> {
  const { pool, directory: d } = deps;
  switch (command.kind) {
    case 'prepare-account': {
      const { email, client, idempotency } = command;
      const before = idempotency && (await openedBefore(deps, { principal, ...idempotency }));
      if (before) return before;
      const sub = await pool.invite(email);
      // Without a row in the directory, neither is let in anywhere.
      return done({ sub, client: client === undefined ? undefined : await pool.addClient(client, ACCOUNT_SCOPES) });
    }
    case 'open-account':
      return openAccount(deps, principal, command);
    case 'list-accounts': {
      const { ids, more } = await directory.listAccounts(d, command);
      const rows = await Promise.all(ids.map(async (id) => ({ id, row: await directory.findAccount(d, id) })));
      return done({ accounts: rows.flatMap(({ id, row }) => (row ? [{ id, ...row }] : [])), more });
    }
    case 'change-status': {
      await directory.writeDirectory(d, [directory.changeStatus(d, command.account, command.status)]);
      const row = await directory.findAccount(d, command.account);
      return row ? done({ accounts: [{ id: command.account, ...row }] }) : refuse('not-found');
    }
  }
}

/** `undefined` where this request is the one that may open an account. */
async function openedBefore(deps: RegistrarDeps, opening: Opening): Promise<RegistrarAnswer | undefined> {
  const claim = await claimOpening(deps.directory, opening, deps.now());
  if (claim === 'claimed') return undefined;
  if (claim === 'mismatch') return refuse('idempotency-mismatch');
  return claim === 'in-flight' ? refuse('in-flight') : done({ opened: claim });
}

/** All at once: from here on the account, its owner and its client exist. */
async function openAccount(
  deps: RegistrarDeps,
  principal: string,
  { opened, sub, idempotency }: Extract<OperatorCommand, { kind: 'open-account' }>,
): Promise<RegistrarAnswer> {
  const { directory: d } = deps;
  const { account, member, client } = opened;
  const opening = idempotency && { principal, ...idempotency };
  try {
    await directory.writeDirectory(d, [
      ...addAccount(d, { account, createdAt: deps.now(), owner: { sub, member } }),
      ...(client ? [directory.addClient(d, client.clientId, account, client.id)] : []),
      ...(opening ? [keepOpening(d, opening, opened)] : []),
    ]);
    return done();
  } catch (error) {
    // Another request with the same key was quicker.
    const before =
      opening && error instanceof directory.DirectoryConflict ? await openedBefore(deps, opening) : undefined;
    if (before) return before;
    throw error;
  }
}
