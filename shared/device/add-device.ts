/** Keeps a device whose thing the provisioner has made: for the account's own route, and for a connector that makes devices. */
import type { TransactWriteItem } from '@aws-sdk/client-dynamodb';
import type { AccountSession } from '../platform/account-session.ts';
import { writeTogether } from '../platform/entity.ts';
import { deviceKey } from './device-keys.ts';
import { devices, type StoredDevice } from './device-store.ts';

/** `provided`: what must hold for it. Throws `ConditionFailed` where that doesn't, or where the device is there. */
export async function addDevice(
  session: AccountSession,
  now: number,
  { id, product, number, ...sealed }: StoredDevice['plain'] & StoredDevice['sealed'],
  provided: TransactWriteItem[] = [],
): Promise<StoredDevice> {
  const device = devices.make(deviceKey(session.account, product, id), now, { id, product, number }, sealed);
  await writeTogether(session, [...(await devices.add(session, device)), ...provided]);
  return device;
}
