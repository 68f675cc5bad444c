/** Devices of the caller's account, as other concepts and their own use cases find and show them. */
import { notFound } from '../api/errors.ts';
import type { AccountSession } from '../platform/account-session.ts';
import { isoTime } from '../platform/clock.ts';
import type { Device } from './device.ts';
import { devices, type StoredDevice, type StoredPresence } from './device-store.ts';

/** Throws not-found for a device that isn't there, or is another account's. */
export async function findDevice(session: AccountSession, id: string): Promise<StoredDevice> {
  const device = await devices.find(session, id);
  if (!device) throw notFound('device');
  return device;
}

/** The product of each of these devices; what isn't a device of the account is absent. */
export const productsOfDevices = (session: AccountSession, ids: Iterable<string>): Promise<Map<string, string>> =>
  devices.products(session, [...new Set(ids)]);

export const hasDevices = async (session: AccountSession, product: string): Promise<boolean> =>
  (await devices.page(session, { product, limit: 1 })).items.length > 0;

/** In the order of their ids, of the account's devices or of one product's; `last` where there are more. */
export async function pageOfDevices(
  session: AccountSession,
  options: { product?: string | undefined; limit: number; after?: string | undefined },
): Promise<{ devices: { id: string; product: string }[]; last?: string }> {
  const { items, ...page } = await devices.page(session, options);
  return { ...page, devices: items.map(({ plain }) => plain) };
}

export const showDevice = (device: StoredDevice, presence: StoredPresence | undefined): Device => ({
  id: device.plain.id,
  product: device.plain.product,
  ...device.sealed,
  connected: presence?.connected ?? false,
  ...(presence ? { lastSeenAt: isoTime(presence.at) } : {}),
  createdAt: isoTime(device.createdAt),
  updatedAt: isoTime(device.updatedAt),
});
