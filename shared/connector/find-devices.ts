/** From how a network calls devices to the account's own: by id, by serial number, or made if the connector says so. */
import type { ConnectorCaller } from '../api/caller.ts';
import { DomainError } from '../api/errors.ts';
import { findBySerialNumber, findOrMake } from '../device/find-by-serial-number.ts';
import { productsOfDevices } from '../device/find-device.ts';
import type { Now } from '../platform/clock.ts';
import { idSchema, type NewId } from '../platform/ids.ts';
import { inParallel } from '../platform/in-parallel.ts';
import type { Provision } from '../provisioning/provisioner-protocol.ts';
import type { Uplink } from './uplink.ts';

export interface FindDeps {
  readonly now: Now;
  readonly newId: NewId;
  readonly provision: Provision;
}

type Called = Pick<Uplink, 'devices' | 'name'>;

/** How many are looked up at the same time. */
const LOOKED_UP_AT_ONCE = 8;
/** Each asks the provisioner: whoever has ten concurrent functions, as new AWS accounts do, keeps most of them for others. */
const MADE_AT_ONCE = 2;
/** What one request can make within its time; the rest is made when it is sent again. */
const MOST_NEW = 100;
const NAME_LENGTH = 1000;

/** What a device may be called: what control characters stood in a network's name is a space. */
const cleanName = (name: string) =>
  name
    .replaceAll(/\p{Cc}/gu, ' ')
    .trim()
    .slice(0, NAME_LENGTH);

const isOurs = (device: string) => idSchema('device').safeParse(device).success;

async function lookUp({ session, connector }: ConnectorCaller, { devices }: Called): Promise<string | undefined> {
  for (const serialNumber of devices) {
    const found = isOurs(serialNumber)
      ? (await productsOfDevices(session, [serialNumber])).get(serialNumber) === connector.product && serialNumber
      : await findBySerialNumber(session, { product: connector.product, serialNumber });
    if (found) return found;
  }
  return undefined;
}

async function make(deps: FindDeps, { session, connector, proof }: ConnectorCaller, { devices, name }: Called) {
  const { product } = connector;
  const [serialNumber = ''] = devices;
  const addThing = async (device: string) => {
    const { number } = await deps.provision({ ...proof, command: { kind: 'add-device', product, device } });
    if (number === undefined) throw new Error('The provisioner answered no number for a device.');
    return { number };
  };
  try {
    const wanted = { product, serialNumber, name: cleanName(name) || serialNumber };
    return await findOrMake({ ...deps, addThing })(session, wanted);
  } catch (error) {
    // The product is gone.
    if (error instanceof DomainError && error.code === 'not-found') return undefined;
    throw error;
  }
}

/** By `devices[0]` of each; one that nobody knows is absent. */
export const findDevices =
  (deps: FindDeps) =>
  async (caller: ConnectorCaller, called: readonly Called[]): Promise<Map<string, string>> => {
    const wanted = [...new Map(called.map((one) => [one.devices[0] ?? '', one]))];
    const found = new Map<string, string>();
    const keep = (key: string, device: string | undefined) => void (device === undefined || found.set(key, device));
    await inParallel(wanted, LOOKED_UP_AT_ONCE, async ([key, one]) => keep(key, await lookUp(caller, one)));
    if (!caller.connector.createDevices) return found;
    const missing = wanted.filter(([key]) => !found.has(key) && !isOurs(key)).slice(0, MOST_NEW);
    await inParallel(missing, MADE_AT_ONCE, async ([key, one]) => keep(key, await make(deps, caller, one)));
    return found;
  };
