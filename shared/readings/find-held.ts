/** Which of some readings a bucket holds already: told by reading the blocks of the time that they span, and no others. */
import type { AccountSession } from '../platform/account-session.ts';
import { canonicalJson, type JsonValue } from '../platform/json-value.ts';
import { readFreshBlocks } from './fresh-block-store.ts';

/** A longer span would cost more to read than its readings cost to write. */
const LONGEST_SPAN_MS = 7 * 86_400_000;

interface Known {
  readonly device: string;
  readonly stream: string;
  readonly ts: number;
  readonly value: JsonValue;
}

const placeOf = ({ device, stream, ts }: Omit<Known, 'value'>) => `${device} ${stream} ${ts}`;

/** The same for readings that are one: equal in device, stream, ts and value. */
export const sameness = (reading: Known): string => `${placeOf(reading)} ${canonicalJson(reading.value)}`;

/** The samenesses of those that are held; none is looked for where they span more than seven days. */
export async function findHeld(
  session: AccountSession,
  { product, bucket }: { product: string; bucket: string },
  readings: readonly Known[],
): Promise<Set<string>> {
  const held = new Set<string>();
  let [from, last] = [Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY];
  for (const { ts } of readings) [from, last] = [Math.min(from, ts), Math.max(last, ts)];
  if (last - from > LONGEST_SPAN_MS) return held;
  const places = new Set(readings.map(placeOf));
  const devices = new Set(readings.map(({ device }) => device));
  const [device] = devices.size === 1 ? devices : [];
  for await (const groups of readFreshBlocks(session, product, { bucket, device, from, to: last + 1 })) {
    for (const group of groups) {
      for (const { ts, value } of group.rows) {
        const found = { device: group.device, stream: group.stream, ts, value };
        if (places.has(placeOf(found))) held.add(sameness(found));
      }
    }
  }
  return held;
}
