/** Devices as an archive holds them, a line each: `data/devices.ndjson`. Neither credentials nor connections are in it. */
import * as z from 'zod';
import type { AccountSession } from '../platform/account-session.ts';
import { isoTime } from '../platform/clock.ts';
import { everyPage } from '../platform/every-page.ts';
import { device } from './device.ts';
import { devices, type StoredDevice } from './device-store.ts';

export const deviceDocument = z.strictObject(device.omit({ connected: true, lastSeenAt: true }).shape);
export type DeviceDocument = z.output<typeof deviceDocument>;

export const archivedDevice = ({ plain, sealed, createdAt, updatedAt }: StoredDevice): DeviceDocument => ({
  id: plain.id,
  product: plain.product,
  ...sealed,
  createdAt: isoTime(createdAt),
  updatedAt: isoTime(updatedAt),
});

const PAGE = 200;

/** Those of a product that were there before `before` (epoch ms), in the order of their ids, from after `after` on. */
export async function* archivedDevices(
  session: AccountSession,
  product: string,
  { before, after }: { before: number; after?: string | undefined },
): AsyncGenerator<DeviceDocument> {
  const pages = everyPage((last) => devices.page(session, { product, limit: PAGE, after: last ?? after }));
  for await (const stored of pages) if (stored.createdAt < before) yield archivedDevice(stored);
}
