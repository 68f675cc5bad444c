/** What is not merged yet of several devices at once, in bounded memory: the same as of each alone. */
import { beforeAll, describe, expect, it } from 'vitest';
import { readPending, readPendingOfSome } from '../../../shared/readings/pending-readings.ts';
import { deviceId, openStore, type Store } from './compaction/store.ts';

const START = Date.parse('2026-03-02T00:00:00Z');
const HOUR = 3_600_000;
const DEVICES = Array.from({ length: 20 }, (_, n) => deviceId(n));
let store: Store;

beforeAll(async () => {
  store = await openStore(START);
  for (let hour = 0; hour < 3; hour++) {
    for (let n = 0; n < DEVICES.length; n += 3) {
      const rows = Array.from({ length: n + 1 }, (_, i) => ({
        ts: store.clock.now + i,
        receivedAt: store.clock.now,
        value: i,
      }));
      await store.ingest([{ device: deviceId(n), stream: 's', buckets: store.buckets, rows }]);
      store.clock.now += 1000;
    }
    // A part of it waits in bundles, and the rest in fresh blocks.
    store.clock.now = START + (hour + 1) * HOUR + 5 * 60_000;
    if (hour === 1) await store.compact();
  }
});

const filter = () => ({ bucket: store.buckets[0] ?? '', from: 0, to: START + 100 * HOUR });
const alone = async (device: string) =>
  (await readPending(store.session, store.product, { ...filter(), device })).groups;
const some = (devices: readonly string[], most: number) =>
  readPendingOfSome(store.session, store.product, { ...filter(), devices, most });

describe('what several devices have waiting', () => {
  it('is by device what each has alone, and nothing of others', async () => {
    const { devices, pending } = await some(DEVICES, 100_000);
    expect(devices).toEqual(DEVICES);
    for (const device of DEVICES) expect(pending.get(device)).toEqual(await alone(device));
    expect(await alone(deviceId(3))).not.toEqual([]);
    expect([...(await some([deviceId(3), deviceId(4)], 100_000)).pending.keys()]).toEqual([deviceId(3), deviceId(4)]);
  });

  it('is of the first ones alone where it is too much, and of one at least, whole', async () => {
    const all = [];
    for (let rest: readonly string[] = DEVICES; rest.length > 0; ) {
      const { devices, pending } = await some(rest, 30);
      expect(devices).toEqual(rest.slice(0, devices.length));
      expect(devices.length).toBeGreaterThan(0);
      for (const device of devices) expect(pending.get(device), device).toEqual(await alone(device));
      const rows = [...pending.values()].flat().reduce((sum, group) => sum + group.rows.length, 0);
      // A device of many has them all; a block more may be read before anything is let go.
      if (devices.length > 1) expect(rows).toBeLessThan(30 + 20);
      all.push(...devices);
      rest = rest.slice(devices.length);
    }
    expect(all).toEqual(DEVICES);
    expect((await some([deviceId(18)], 1)).pending.get(deviceId(18))).toEqual(await alone(deviceId(18)));
  });
});
