/**
 * The registrar: the one system function that writes who belongs to an account, into the directory and Cognito. It trusts no
 * handler: it establishes the identity behind the token again, acts only for that identity's account, and gives nobody more than
 * the caller holds.
 */
import { type AccountCaller, type Resolved, resolveAccount, resolveOperator } from '../api/caller.ts';
import { DomainError } from '../api/errors.ts';
import { ACCOUNT_SCOPES, type AccountScope, ROLE_SCOPES } from '../api/scopes.ts';
import * as directory from '../directory/directory.ts';
import type { Identity } from '../identity/identity.ts';
import type { Now } from '../platform/clock.ts';
import {
  type AccountCommand,
  accountCommand,
  type OperatorCommand,
  type RegistrarAnswer,
  registrarRequest,
} from './registrar-protocol.ts';
import type { UserPool } from './user-pool.ts';

export interface RegistrarDeps {
  readonly establish: (token: string) => Promise<Identity | undefined>;
  readonly directory: directory.Directory;
  readonly pool: UserPool;
  readonly now: Now;
}

const NEEDS = {
  'add-member': 'members.write',
  'change-role': 'members.write',
  'remove-member': 'members.write',
  'add-client': 'api-clients.write',
  'remove-client': 'api-clients.write',
} as const satisfies Record<AccountCommand['kind'], AccountScope>;

const refuse = (reason: Extract<RegistrarAnswer, { done: false }>['reason']): RegistrarAnswer => ({
  done: false,
  reason,
});
const done = (answer: Omit<Extract<RegistrarAnswer, { done: true }>, 'done'> = {}): RegistrarAnswer => ({
  done: true,
  ...answer,
});

const holdsAll = (rights: AccountCaller['rights'], scopes: readonly AccountScope[]) =>
  scopes.every((s) => rights.has(s));

/** Throws for a request of the wrong form; refuses, as a value, whoever may not. */
export const register =
  (deps: RegistrarDeps) =>
  async (input: unknown): Promise<RegistrarAnswer> => {
    const { token, command } = registrarRequest.parse(input);
    const identity = await deps.establish(token);
    if (!identity) return refuse('invalid-token');
    try {
      const ofAccount = accountCommand.safeParse(command).data;
      if (!ofAccount) {
        resolveOperator(identity, token);
        return await forOperator(deps, command as OperatorCommand);
      }
      const caller = resolveAccount(identity, ofAccount.account, token);
      return caller.rights.has(NEEDS[ofAccount.kind]) ? await forAccount(deps, caller, ofAccount) : refuse('forbidden');
    } catch (error) {
      if (error instanceof DomainError) return refuse('forbidden');
      if (error instanceof directory.DirectoryConflict) return refuse('not-found');
      throw error;
    }
  };

async function forAccount(
  deps: RegistrarDeps,
  { rights, account }: Resolved,
  command: AccountCommand,
): Promise<RegistrarAnswer> {
  const { pool, directory: d } = deps;
  switch (command.kind) {
    case 'add-member': {
      if (!holdsAll(rights, ROLE_SCOPES[command.role])) return refuse('forbidden');
      const sub = await pool.invite(command.email);
      const { member, role } = command;
      return (await add(d, [directory.addSubject(d, sub, account, { member, role })]))
        ? done({ sub })
        : refuse('already-member');
    }
    case 'change-role': {
      const held = (await directory.findSubject(d, command.sub)).find((row) => row.account === account);
      if (!held) return refuse('not-found');
      const both = [...ROLE_SCOPES[held.role], ...ROLE_SCOPES[command.role]];
      if (!holdsAll(rights, both)) return refuse('forbidden');
      await directory.writeDirectory(d, [directory.changeRole(d, command.sub, account, command.role)]);
      return done();
    }
    case 'remove-member': {
      const rows = await directory.findSubject(d, command.sub);
      const held = rows.find((row) => row.account === account);
      if (!held) return refuse('not-found');
      if (!holdsAll(rights, ROLE_SCOPES[held.role])) return refuse('forbidden');
      await directory.writeDirectory(d, [directory.removeSubject(d, command.sub, account)]);
      if (rows.length === 1) await pool.removePerson(command.sub);
      return done();
    }
    case 'add-client': {
      if (!holdsAll(rights, command.scopes)) return refuse('forbidden');
      return done({ client: await addClient(deps, account, command.client, command.scopes) });
    }
    case 'remove-client':
      await directory.writeDirectory(d, [directory.removeClient(d, command.clientId, account)]);
      await pool.removeClient(command.clientId);
      return done();
  }
}

async function forOperator(deps: RegistrarDeps, command: OperatorCommand): Promise<RegistrarAnswer> {
  const { pool, directory: d } = deps;
  switch (command.kind) {
    case 'open-account': {
      const { account, owner } = command;
      const sub = await pool.invite(owner.email);
      await directory.writeDirectory(d, [
        ...directory.addAccount(d, account, deps.now()),
        directory.addSubject(d, sub, account, { member: owner.member, role: 'owner' }),
      ]);
      const client =
        command.client === undefined ? undefined : await addClient(deps, account, command.client, ACCOUNT_SCOPES);
      return done({ sub, client });
    }
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

/** Cognito first: a client without a row in the directory gets no identity, so that a failure between both leaves no door open. */
async function addClient(
  { pool, directory: d }: RegistrarDeps,
  account: string,
  client: string,
  scopes: readonly string[],
) {
  const made = await pool.addClient(client, scopes);
  await directory.writeDirectory(d, [directory.addClient(d, made.clientId, account, client)]);
  return made;
}

/** `false` where a row stood already. */
async function add(d: directory.Directory, items: Parameters<typeof directory.writeDirectory>[1]): Promise<boolean> {
  try {
    await directory.writeDirectory(d, items);
    return true;
  } catch (error) {
    if (error instanceof directory.DirectoryConflict) return false;
    throw error;
  }
}
