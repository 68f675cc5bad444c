/** Which of some readings a bucket holds already: told by reading the blocks of the time that they span, and no others. */
import type { AccountSession } from '../platform/account-session.ts';
import { canonicalJson, type JsonValue } from '../platform/json-value.ts';
import { readDays } from './read-days.ts';

/** Of one device. A longer span would cost more to read than its readings cost to write, and so would more devices. */
const LONGEST_SPAN_MS = 7 * 86_400_000;
const MOST_DEVICES = 20;

interface Known {
  readonly device: string;
  readonly stream: string;
  readonly ts: number;
  readonly value: JsonValue;
}

/** The same for readings that may be one: all but the value. */
export const placeOf = ({ device, stream, ts }: Omit<Known, 'value'>) => `${device} ${stream} ${ts}`;

/** The same for readings that are one: equal in device, stream, ts and value. */
export const sameness = (reading: Known): string => `${placeOf(reading)} ${canonicalJson(reading.value)}`;

/**
 * The samenesses of those that are held, of readings of one product. Nothing is looked for of a device whose readings span more than
 * seven days, nor of any where they are of more than 20 devices.
 */
export async function findHeld(
  session: AccountSession,
  { product, bucket }: { product: string; bucket: string },
  readings: readonly Known[],
): Promise<Set<string>> {
  const held = new Set<string>();
  const places = new Set(readings.map(placeOf));
  const devices = Map.groupBy(readings, ({ device }) => device);
  if (devices.size > MOST_DEVICES) return held;
  for (const [device, own] of devices) {
    let [from, last] = [Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY];
    for (const { ts } of own) [from, last] = [Math.min(from, ts), Math.max(last, ts)];
    if (last - from > LONGEST_SPAN_MS) continue;
    const source = { bucket, products: [product], device, from, to: last + 1, order: 'asc' as const };
    for await (const { groups } of readDays(session, source)) {
      for (const { stream, rows } of groups) {
        for (const { ts, value } of rows) {
          const found = { device, stream, ts, value };
          if (places.has(placeOf(found))) held.add(sameness(found));
        }
      }
    }
  }
  return held;
}
