/** Devices of an import: made with the times of their archive, without credentials, which are in none. */
import type { TransactWriteItem } from '@aws-sdk/client-dynamodb';
import type { AccountSession } from '../platform/account-session.ts';
import { writeTogether } from '../platform/entity.ts';
import { archivedDevice, type DeviceDocument } from './archived-devices.ts';
import { deviceKey } from './device-keys.ts';
import { devices } from './device-store.ts';

export async function importedDevice(session: AccountSession, id: string): Promise<DeviceDocument | undefined> {
  const found = await devices.find(session, id);
  return found && archivedDevice(found);
}

/** `number`: as the provisioner gave it. `alongside` is written with it, or neither is. */
export async function importDevice(
  session: AccountSession,
  { id, product, createdAt, updatedAt, ...sealed }: DeviceDocument,
  number: number,
  alongside: TransactWriteItem[],
): Promise<void> {
  const key = deviceKey(session.account, product, id);
  const made = devices.make(key, Date.parse(createdAt), { id, product, number }, sealed);
  const device = { ...made, updatedAt: Date.parse(updatedAt) };
  await writeTogether(session, [...(await devices.add(session, device)), ...alongside]);
}
