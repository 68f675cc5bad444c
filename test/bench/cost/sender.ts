/** A device's readings, as ingest would hand them on: for blocks that are written without going through its messages. */
import type { Group, Row } from '../../../shared/readings/codec/block.ts';
import { JITTER_MS, START } from '../load/batches.ts';
import type { Fleet } from '../load/fleet.ts';
import { type Random, weatherStation } from '../load/telemetry.ts';

export function sender({ bucket }: Fleet, of: { device: string; paceMs: number; random: Random }) {
  const { device, paceMs, random } = of;
  const sample = weatherStation(random, 1);
  let next = START + JITTER_MS + Math.floor((paceMs - JITTER_MS) * random());
  /** What the device has sent since it was last asked. */
  return (until: number): Group => {
    const rows: Row[] = [];
    for (; next < until; next += paceMs) {
      const ts = next + Math.round((random() * 2 - 1) * JITTER_MS);
      rows.push({ ts, receivedAt: ts + 60 + Math.floor(200 * random()), value: sample() });
    }
    return { device, stream: 'telemetry', buckets: [bucket], rows };
  };
}
