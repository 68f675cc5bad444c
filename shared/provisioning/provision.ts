/**
 * The provisioner: the one system function that makes and ends things, groups and certificates of AWS IoT, whose policies can't be
 * limited to an account. It trusts no handler: it establishes the identity behind the token, or the connector behind the secret,
 * again, or opens a job's work order, and acts only on products and devices that the directory gives to that account.
 */

import type * as z from 'zod';
import { resolveAccount } from '../api/caller.ts';
import { DomainError } from '../api/errors.ts';
import type { AccountScope } from '../api/scopes.ts';
import * as directory from '../directory/directory.ts';
import { establishConnector } from '../identity/connector-proof.ts';
import type { HonourOrder } from '../identity/honour-order.ts';
import type { Identity } from '../identity/identity.ts';
import { type ConnectorRequest, type ProvisionerAnswer, provisionerRequest } from './provisioner-protocol.ts';
import { BadCsr, type Things } from './things.ts';

type AccountRequest = Exclude<z.output<typeof provisionerRequest>, ConnectorRequest>;
type Command = AccountRequest['command'];

export interface ProvisionerDeps {
  readonly establish: (token: string) => Promise<Identity | undefined>;
  readonly honourOrder: HonourOrder;
  readonly directory: directory.Directory;
  readonly things: Things;
  /** Where devices connect, and whom they trust. */
  readonly endpoint: () => Promise<{ endpoint: string; port: number; caPem: string }>;
}

const NEEDS = {
  'add-product': 'products.write',
  'remove-product': 'products.write',
  'add-device': 'devices.write',
  'remove-device': 'devices.write',
  'add-certificate': 'devices.write',
  'remove-certificate': 'devices.write',
} as const satisfies Record<Command['kind'], AccountScope>;

/** What jobs may do, by the rights that their order carries: devices go with their product, and an import makes both. */
const JOBS_NEED: Partial<Record<Command['kind'], AccountScope>> = {
  'remove-device': 'products.write',
  'add-product': 'products.write',
  'add-device': 'devices.write',
};

/** Enough to rotate; a device that needs more is several devices. */
const MOST_CERTIFICATES = 5;

const refuse = (reason: Extract<ProvisionerAnswer, { done: false }>['reason']): ProvisionerAnswer => ({
  done: false,
  reason,
});
const DONE: ProvisionerAnswer = { done: true };

/** Throws for a request of the wrong form; refuses, as a value, whoever may not, and what isn't the account's. */
export const provision =
  (deps: ProvisionerDeps) =>
  async (input: unknown): Promise<ProvisionerAnswer> => {
    const request = provisionerRequest.parse(input);
    if ('connector' in request) return addForConnector(deps, request);
    try {
      return (await refusalOf(deps, request)) ?? (await carryOut(deps, request.account, request.command));
    } catch (error) {
      if (error instanceof DomainError) return refuse('forbidden');
      if (error instanceof directory.DirectoryConflict) return refuse('not-found');
      if (error instanceof BadCsr) return refuse('bad-csr');
      throw error;
    }
  };

/** A connector that makes devices: of its own product alone. */
async function addForConnector(deps: ProvisionerDeps, { command, ...proof }: ConnectorRequest) {
  const known = await establishConnector(deps.directory)(proof);
  if (!known) return refuse('invalid-token');
  const may = known.status === 'active' && known.createDevices && known.product === command.product;
  return may ? carryOut(deps, known.account, command) : refuse('forbidden');
}

async function refusalOf(deps: ProvisionerDeps, request: AccountRequest): Promise<ProvisionerAnswer | undefined> {
  const { account, command } = request;
  if ('order' in request) {
    const needed = JOBS_NEED[command.kind];
    if (!needed) return refuse('forbidden');
    const honoured = await deps.honourOrder(request);
    return 'rights' in honoured && honoured.rights.includes(needed) ? undefined : refuse('forbidden');
  }
  const identity = await deps.establish(request.token);
  if (!identity) return refuse('invalid-token');
  const { rights } = resolveAccount(identity, account, request.token);
  return rights.has(NEEDS[command.kind]) ? undefined : refuse('forbidden');
}

async function carryOut(deps: ProvisionerDeps, account: string, command: Command): Promise<ProvisionerAnswer> {
  const { directory: d, things } = deps;
  switch (command.kind) {
    case 'add-product':
      await directory.writeDirectory(d, [directory.addProduct(d, command.product, account)]);
      await things.addProduct(command.product);
      return DONE;
    case 'remove-product':
      if (!(await ownsProduct(d, account, command.product))) return refuse('not-found');
      await things.removeProduct(command.product);
      await directory.writeDirectory(d, [directory.removeProduct(d, command.product, account)]);
      return DONE;
    case 'add-device': {
      const { device, product } = command;
      if (!(await ownsProduct(d, account, product))) return refuse('not-found');
      const number = await takeDevice(d, { account, product, device });
      if (number === undefined) return refuse('not-found');
      await things.addDevice(device, { account, product });
      return { done: true, number };
    }
    // Rows of certificates go first: from then on ingest refuses what they send, whatever AWS IoT still lets through.
    case 'remove-device': {
      const { device } = command;
      if (!(await ownsDevice(d, account, device))) return refuse('not-found');
      const ids = await things.certificates(device);
      const rows = [...(await directory.findCertificates(d, ids))].filter(([, row]) => row.account === account);
      await revoke(
        d,
        account,
        rows.map(([id]) => id),
      );
      for (const id of ids) await things.removeCertificate(device, id);
      await things.removeDevice(device);
      await directory.writeDirectory(d, [directory.removeDevice(d, device, account)]);
      return DONE;
    }
    case 'add-certificate':
      return addCertificate(deps, account, command);
    case 'remove-certificate': {
      const { device, certificateId } = command;
      const row = await directory.findCertificate(d, certificateId);
      if (!(await ownsDevice(d, account, device)) || (row && row.device !== device)) return refuse('not-found');
      await revoke(d, account, row ? [certificateId] : []);
      await things.removeCertificate(device, certificateId);
      await things.cut(device);
      return DONE;
    }
  }
}

/**
 * From here on ingest refuses them, within 15 seconds. Counted twice: with the removal, so that neither is without the other;
 * and after it, because who reads in the midst of a transaction may see the new count a moment before the old row is gone.
 * Counted also where the rows were gone before: whoever tries again, after a call that ended halfway, counts what that one didn't.
 */
async function revoke(d: directory.Directory, account: string, certificates: readonly string[]): Promise<void> {
  const counted = directory.countRevocation(d, account);
  const removals = certificates.map((id) => directory.removeCertificate(d, id, account));
  if (removals.length > 0) await directory.writeDirectory(d, [...removals, counted]);
  await directory.writeDirectory(d, [counted]);
}

async function addCertificate(
  { directory: d, things, endpoint }: ProvisionerDeps,
  account: string,
  { product, device, credential, csr }: Extract<Command, { kind: 'add-certificate' }>,
): Promise<ProvisionerAnswer> {
  const row = await directory.findDevice(d, device);
  if (row?.account !== account || row.product !== product) return refuse('not-found');
  if ((await things.certificates(device)).length >= MOST_CERTIFICATES) return refuse('too-many');
  const { arn: _, ...made } = await things.addCertificate(device, csr);
  await directory.writeDirectory(d, [
    directory.addCertificate(d, made.certificateId, { account, product, device, number: row.number, credential }),
  ]);
  return { done: true, certificate: { ...made, ...(await endpoint()) } };
}

/**
 * The number of a device that the directory has now: what an earlier try, or another at the same time, has left is as good.
 * `undefined`: it is another product's.
 */
async function takeDevice(
  d: directory.Directory,
  { device, ...row }: { account: string; product: string; device: string },
): Promise<number | undefined> {
  const known = (there: Awaited<ReturnType<typeof directory.findDevice>>) =>
    there?.account === row.account && there.product === row.product ? there.number : undefined;
  const there = await directory.findDevice(d, device);
  if (there) return known(there);
  const number = await directory.nextDeviceNumber(d, row.product, row.account);
  try {
    await directory.writeDirectory(d, [directory.addDevice(d, device, { ...row, number })]);
    return number;
  } catch (error) {
    if (!(error instanceof directory.DirectoryConflict)) throw error;
    return known(await directory.findDevice(d, device));
  }
}

const ownsProduct = async (d: directory.Directory, account: string, product: string) =>
  (await directory.findProduct(d, product))?.account === account;
const ownsDevice = async (d: directory.Directory, account: string, device: string) =>
  (await directory.findDevice(d, device))?.account === account;
