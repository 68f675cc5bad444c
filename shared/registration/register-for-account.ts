/** What a member or a client of an account has registered: members, roles, API clients, connectors. */
import type { Resolved } from '../api/caller.ts';
import { type AccountScope, ROLE_SCOPES } from '../api/scopes.ts';
import * as directory from '../directory/directory.ts';
import * as memberships from '../directory/memberships.ts';
import { done, type RegistrarDeps, refuse } from './registrar.ts';
import type { AccountCommand, RegistrarAnswer } from './registrar-protocol.ts';
import { SECRET_OVERLAP_MS } from './secret-endings.ts';

type Rights = Resolved['rights'];
type Command<K extends AccountCommand['kind']> = Extract<AccountCommand, { kind: K }>;

const holdsAll = (rights: Rights, scopes: readonly AccountScope[]) => scopes.every((scope) => rights.has(scope));

export async function registerForAccount(
  deps: RegistrarDeps,
  { rights, account }: Resolved,
  command: AccountCommand,
): Promise<RegistrarAnswer> {
  const { pool, directory: d } = deps;
  switch (command.kind) {
    case 'add-member':
      return holdsAll(rights, ROLE_SCOPES[command.role]) ? addMember(deps, command) : refuse('forbidden');
    case 'change-role':
      return changeRole(deps, rights, command);
    case 'remove-member':
      return removeMember(deps, rights, command);
    case 'add-client': {
      if (!holdsAll(rights, command.scopes)) return refuse('forbidden');
      // Cognito first: a client without a row in the directory gets no identity, so that a failure in between opens no door.
      const client = await pool.addClient(command.client, command.scopes);
      await directory.writeDirectory(d, [directory.addClient(d, client.clientId, account, command.client)]);
      return done({ client });
    }
    case 'rotate-client':
      return rotateClient(deps, rights, command);
    case 'remove-client': {
      const row = await directory.findClient(d, command.clientId);
      // What an earlier try left done is done.
      if (!row) return done();
      if (row.account !== account) return refuse('not-found');
      await pool.removeClient(command.clientId);
      await directory.writeDirectory(d, [directory.removeClient(d, command.clientId, account)]);
      return done();
    }
    case 'add-connector': {
      const { kind: _, connector, account: __, ...row } = command;
      if (row.createDevices && !rights.has('devices.write')) return refuse('forbidden');
      // Whose the product is, the provisioner sees when a device is to be made: of a foreign one, none is.
      await directory.writeDirectory(d, [directory.addConnector(d, connector, { ...row, account })]);
      return done();
    }
    // A product that isn't the account's has no blocks under its keys.
    case 'announce':
      await deps.announce({ account, product: command.product }, command.slot);
      return done();
    case 'remove-connector': {
      const row = await directory.findConnector(d, command.connector);
      // What an earlier try left done is done.
      if (!row) return done();
      if (row.account !== account) return refuse('not-found');
      await directory.writeDirectory(d, [directory.removeConnector(d, command.connector, account)]);
      return done();
    }
  }
}

async function addMember(
  { pool, directory: d }: RegistrarDeps,
  { account, member, email, role }: Command<'add-member'>,
): Promise<RegistrarAnswer> {
  const sub = await pool.invite(email);
  try {
    await directory.writeDirectory(d, memberships.addMembership(d, { sub, account, member, role }));
    return done({ sub, member });
  } catch (error) {
    if (!(error instanceof directory.DirectoryConflict)) throw error;
    const held = await memberships.findMembership(d, sub, account);
    // The caller sees whether this is a member already, or what an earlier try left half done.
    return held?.role === role ? done({ sub, member: held.member }) : refuse('already-member');
  }
}

async function changeRole(
  { directory: d }: RegistrarDeps,
  rights: Rights,
  { account, sub, from, role }: Command<'change-role'>,
): Promise<RegistrarAnswer> {
  const held = await memberships.findMembership(d, sub, account);
  if (!held) return refuse('not-found');
  if (!holdsAll(rights, [...ROLE_SCOPES[held.role], ...ROLE_SCOPES[role]])) return refuse('forbidden');
  // What an earlier try left done is done.
  if (held.role === role) return done();
  return keepAnOwner(d, memberships.changeMembership(d, { sub, account, role: from }, role));
}

async function removeMember(
  { pool, directory: d }: RegistrarDeps,
  rights: Rights,
  { account, sub }: Command<'remove-member'>,
): Promise<RegistrarAnswer> {
  const rows = await directory.findSubject(d, sub);
  const held = rows.find((row) => row.account === account);
  if (held) {
    if (!holdsAll(rights, ROLE_SCOPES[held.role])) return refuse('forbidden');
    const removed = await keepAnOwner(d, memberships.removeMembership(d, { sub, account, role: held.role }));
    if (!removed.done) return removed;
  }
  if (rows.every((row) => row.account === account)) await pool.removePerson(sub);
  return done();
}

async function keepAnOwner(
  d: directory.Directory,
  change: Parameters<typeof directory.writeDirectory>[1],
): Promise<RegistrarAnswer> {
  try {
    await directory.writeDirectory(d, change);
    return done();
  } catch (error) {
    if (!(error instanceof directory.DirectoryConflict)) throw error;
    return refuse(memberships.isLastOwner(error) ? 'last-owner' : 'stale');
  }
}

/** A new secret is as good as the client: nobody gets one of a client that may do more than they hold. */
async function rotateClient(
  { directory: d, pool, secrets, endSecretLater, now }: RegistrarDeps,
  rights: Rights,
  { account, clientId }: Command<'rotate-client'>,
): Promise<RegistrarAnswer> {
  const row = await directory.findClient(d, clientId);
  if (row?.account !== account) return refuse('not-found');
  if (!holdsAll(rights, await pool.scopesOf(clientId))) return refuse('forbidden');
  const [oldest, ...others] = await secrets.list(clientId);
  if (oldest === undefined) throw new Error('A client without a secret.');
  if (others.length > 0) {
    // Told again: a rotation that died after its first step would leave the old secret for ever.
    await endSecretLater({ clientId, secretId: oldest });
    return refuse('two-secrets');
  }
  const clientSecret = await secrets.add(clientId);
  if (clientSecret === undefined) return refuse('two-secrets');
  await endSecretLater({ clientId, secretId: oldest });
  return done({ client: { clientId, clientSecret }, previousEndsAt: now() + SECRET_OVERLAP_MS });
}
