/** Removes devices: thing, certificates and connection by the provisioner, then what is stored of them, their properties included. */
import type { TransactWriteItem } from '@aws-sdk/client-dynamodb';
import type { AccountSession } from '../platform/account-session.ts';
import { writeTogether } from '../platform/entity.ts';
import { dropProperties } from '../property/drop-properties.ts';
import { orGone } from '../provisioning/call-provisioner.ts';
import type { Provision } from '../provisioning/provisioner-protocol.ts';
import { dropCredentials } from './credential-use-cases.ts';
import { devices, type StoredDevice } from './device-store.ts';

/** What proves to the provisioner that this may be done: a caller's token, or a job's work order. */
export type Proof = { readonly token: string } | { readonly order: string };

/** Cuts it off, and removes all that hangs on it. Answers what is left to write: that it is gone. */
export async function takeDownDevice(
  session: AccountSession,
  device: StoredDevice,
  provision: Provision,
  proof: Proof,
): Promise<TransactWriteItem[]> {
  const { id, product } = device.plain;
  const { account } = session;
  await orGone(provision({ ...proof, account, command: { kind: 'remove-device', product, device: id } }));
  await dropCredentials(session, device);
  await dropProperties(session, { id, product });
  return devices.drop(session, device);
}

/** A step's worth: each asks AWS IoT a handful of times. */
const SOME = 10;

/** Removes some devices of a product that is gone, with what their keys open; answers whether others are left. */
export async function removeSomeDevices(
  session: AccountSession,
  product: string,
  provision: Provision,
  order: string,
): Promise<boolean> {
  const { items, last } = await devices.page(session, { product, limit: SOME });
  for (const device of items) {
    const gone = await takeDownDevice(session, device, provision, { order });
    // While it is listed: what is killed in between comes by again.
    await session.keys.destroy({ product, device: device.plain.id });
    await writeTogether(session, gone);
  }
  return last !== undefined;
}
