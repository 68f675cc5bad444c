/** The newest reading of each of some devices. */
import type { AccountSession } from '../platform/account-session.ts';
import { type FoundReading, laterOf } from './page-collector.ts';
import { type ReadingSource, readDays } from './read-days.ts';

/** By device id; a device without a reading is absent. Of readings of the same time, the last in the order of pages. */
export async function readNewest(
  session: AccountSession,
  source: ReadingSource,
  devices: readonly string[],
): Promise<Map<string, FoundReading>> {
  const wanted = new Set(devices);
  const newest = new Map<string, FoundReading>();
  for await (const { groups } of readDays(session, { ...source, order: 'desc' })) {
    const found = new Map<string, FoundReading>();
    for (const { device, stream, rows } of groups) {
      if (!wanted.has(device)) continue;
      for (const { ts, value } of rows) {
        const reading = { ts, device, stream, value };
        const best = found.get(device);
        if (!best || ts > best.ts) found.set(device, reading);
        else if (ts === best.ts) found.set(device, laterOf(best, reading));
      }
    }
    // Chunks go back in time: what was found in this one is newer than whatever comes.
    for (const [device, reading] of found) {
      newest.set(device, reading);
      wanted.delete(device);
    }
    if (wanted.size === 0) break;
  }
  return newest;
}
