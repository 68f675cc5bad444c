/** Writes what compaction and queries need of a fleet, beside what its messages need: its devices, their keys and the bucket's. */
import { addDevice } from '../../../shared/device/add-device.ts';
import type { AccountSession } from '../../../shared/platform/account-session.ts';
import { inParallel } from '../../../shared/platform/in-parallel.ts';
import type { Fleet } from './fleet.ts';

const AT_ONCE = 16;

export async function openDevices(session: AccountSession, { product, bucket, stations }: Fleet): Promise<void> {
  await session.keys.ensure({ bucket });
  await inParallel(stations.entries(), AT_ONCE, async ([i, { device }]) => {
    await session.keys.ensure({ product, device });
    await addDevice(session, 0, { id: device, product, number: i + 1, name: `Station ${i + 1}` });
  });
}
