/** The newest reading of each of some devices. */
import type { AccountSession } from '../platform/account-session.ts';
import { inParallel } from '../platform/in-parallel.ts';
import { readDevice } from './blocks/read-device.ts';
import type { Group } from './codec/block.ts';
import { type FoundReading, laterOf } from './page-collector.ts';
import { readPending } from './pending-readings.ts';
import { type ReadingSource, rangeOf } from './read-days.ts';

/** Devices whose blocks are asked for at once. */
const AT_ONCE = 16;

/** By device id; a device without a reading is absent. Of readings of the same time, the last in the order of pages. */
export async function readNewest(
  session: AccountSession,
  source: Pick<ReadingSource, 'bucket' | 'stream' | 'from' | 'to'>,
  devices: readonly { id: string; product: string }[],
): Promise<Map<string, FoundReading>> {
  const { bucket, stream } = source;
  const range = rangeOf(source, 'desc');
  const newest = new Map<string, FoundReading>();
  const wanted = new Set(devices.map(({ id }) => id));
  const add = (groups: readonly Group[]) => {
    for (const { device, stream: name, rows } of groups) {
      if (!wanted.has(device) || (stream !== undefined && stream !== name)) continue;
      for (const { ts, value } of rows) {
        if (ts < range.from || ts >= range.to) continue;
        const best = newest.get(device);
        const reading = { ts, device, stream: name, value };
        if (!best || ts > best.ts) newest.set(device, reading);
        else if (ts === best.ts) newest.set(device, laterOf(best, reading));
      }
    }
  };
  for (const product of new Set(devices.map((one) => one.product))) {
    const [only] = devices.length === 1 ? devices : [];
    const filter = { bucket, stream, from: range.from, to: range.to, device: only?.id };
    add((await readPending(session, product, filter)).groups);
  }
  await inParallel(devices, AT_ONCE, async ({ id, product }) => {
    for await (const { hour, groups } of readDevice(session, { product, bucket, device: id }, range)) {
      add(groups);
      // Hours go back: what follows is older than what this one, or what is pending, has.
      if ((newest.get(id)?.ts ?? -1) >= hour) break;
    }
  });
  return newest;
}
