// When a reading was taken, and when it arrived. Devices send at a steady pace, so `ts` goes by its prediction; arrival
// follows `ts` closely, so it is kept as the difference. To the second, the difference of the two seconds is kept, which
// is nearly always 0 or 1: the milliseconds of `ts` would only add noise.

import { corrupt } from './block-error.ts';
import { readIntegers, writeIntegers } from './integers.ts';
import type { ByteReader, ByteWriter } from './varint.ts';

/** `exact`: as given. `second`: rounded down to the second. `none`: not kept; it reads as the reading's own `ts`. */
export type Arrival = 'exact' | 'second' | 'none';

const ARRIVALS: readonly Arrival[] = ['exact', 'second', 'none'];
const ABSOLUTE = ARRIVALS.length;
// Rounding down to the second may leave the safe integers, by less than a second.
const FARTHEST = Number.MAX_SAFE_INTEGER + 1000;

export interface Times {
  readonly ts: number;
  readonly receivedAt: number;
}

export function writeTimes(out: ByteWriter, times: readonly Times[], arrival: Arrival): void {
  const ts = new Float64Array(times.length);
  const delays = new Float64Array(times.length);
  let exact = true;
  for (let i = 0; i < times.length; i++) {
    const time = times[i] as Times;
    if (!Number.isSafeInteger(time.ts) || !Number.isSafeInteger(time.receivedAt)) {
      throw new TypeError('Times are whole milliseconds, within the safe integers');
    }
    ts[i] = time.ts;
    delays[i] = arrival === 'second' ? toSecond(time.receivedAt) - toSecond(time.ts) : time.receivedAt - time.ts;
    // Far apart, the difference of two safe integers isn't one.
    exact &&= Number.isSafeInteger(delays[i]);
  }
  writeIntegers(out, ts, { paced: true });
  out.byte(exact || arrival === 'none' ? ARRIVALS.indexOf(arrival) : ABSOLUTE);
  if (arrival === 'none') return;
  writeIntegers(out, exact ? delays : Float64Array.from(times, (time) => time.receivedAt));
}

export function readTimes(from: ByteReader, count: number): { ts: Float64Array; receivedAt: Float64Array } {
  const ts = checked(readIntegers(from, count));
  const mode = from.byte();
  if (mode > ABSOLUTE) corrupt('unknown kind of arrival');
  const arrival = ARRIVALS[mode];
  if (arrival === 'none') return { ts, receivedAt: ts };
  const received = readIntegers(from, count);
  if (arrival === 'exact') for (let i = 0; i < count; i++) received[i] = (ts[i] as number) + (received[i] as number);
  if (arrival === 'second') {
    for (let i = 0; i < count; i++) received[i] = (toSecond(ts[i] as number) + (received[i] as number)) * 1000;
  }
  return { ts, receivedAt: checked(received) };
}

function toSecond(ms: number): number {
  return Math.floor(ms / 1000);
}

function checked(times: Float64Array): Float64Array {
  for (let i = 0; i < times.length; i++) {
    const time = times[i] as number;
    if (!Number.isInteger(time) || Math.abs(time) > FARTHEST) corrupt('time out of range');
  }
  return times;
}
