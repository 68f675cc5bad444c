// A column of safe integers. Up to four predictions are tried, and the one that leaves the fewest bits is written: none, the
// value before (delta), the value before plus the last step (delta of deltas), or, for times, a steady pace from a start: a
// clock that jitters around its schedule. A column that leaves what a varint holds is written as doubles.

import { corrupt } from './block-error.ts';
import { type ByteReader, type ByteWriter, MAX_SIGNED } from './varint.ts';

type Integers = Float64Array<ArrayBuffer>;

const MAX_ORDER = 2;
const STEADY = 3;
const AS_DOUBLES = 4;
/** Start and step of a pace take this many bits: below some rows they can't pay off. */
const PACE_BITS = 128;

export function writeIntegers(out: ByteWriter, values: Integers, { paced = false } = {}): void {
  let residuals = values;
  let best = { mode: AS_DOUBLES, bits: 64 * values.length, residuals };
  for (let order = 0; order <= MAX_ORDER; order++) {
    if (order > 0) residuals = differences(residuals, order);
    const bits = bitsOf(residuals);
    if (bits < best.bits) best = { mode: order, bits, residuals };
    // Differences too large for a varint may also be too large to be exact: nothing may be built on them.
    if (order > 0 && bits === Number.POSITIVE_INFINITY) break;
  }
  const pace = paced && best.bits > PACE_BITS + values.length ? paceOf(values) : undefined;
  if (pace) {
    residuals = values.map((value, i) => value - expected(pace, i));
    if (bitsOf(residuals) + PACE_BITS < best.bits) best = { mode: STEADY, bits: 0, residuals };
  }
  out.byte(best.mode);
  if (pace && best.mode === STEADY) out.doubles([pace.start, pace.step]);
  if (best.mode === AS_DOUBLES) out.doubles(best.residuals);
  else out.signed(best.residuals);
}

export function readIntegers(from: ByteReader, count: number): Integers {
  const mode = from.byte();
  if (mode === AS_DOUBLES) return from.doubles(count);
  if (mode === STEADY) return readSteady(from, count);
  if (mode > MAX_ORDER) corrupt('unknown prediction');
  const values = from.signed(count);
  for (let first = mode - 1; first >= 0; first--) {
    let sum = 0;
    for (let i = first; i < count; i++) {
      sum += values[i] as number;
      values[i] = sum;
    }
  }
  return values;
}

function readSteady(from: ByteReader, count: number): Integers {
  const [start = 0, step = 0] = from.doubles(2);
  const pace = { start, step };
  if (Math.abs(start) > Number.MAX_SAFE_INTEGER || Math.abs(step) > Number.MAX_SAFE_INTEGER) corrupt('impossible pace');
  const values = from.signed(count);
  for (let i = 0; i < count; i++) values[i] = (values[i] as number) + expected(pace, i);
  return values;
}

interface Pace {
  /** Integer. */
  readonly start: number;
  readonly step: number;
}

function expected({ start, step }: Pace, i: number): number {
  return start + Math.round(i * step);
}

/** The straight line of least squares; it only has to be good, as what it misses is written. */
function paceOf(values: Integers): Pace | undefined {
  const base = values[0] as number;
  const middle = (values.length - 1) / 2;
  let sum = 0;
  let slope = 0;
  let weight = 0;
  for (let i = 0; i < values.length; i++) {
    const value = (values[i] as number) - base;
    sum += value;
    slope += (i - middle) * value;
    weight += (i - middle) * (i - middle);
  }
  const step = slope / weight;
  const start = base + Math.round(sum / values.length - middle * step);
  return Number.isSafeInteger(start) && Math.abs(step) <= Number.MAX_SAFE_INTEGER ? { start, step } : undefined;
}

/** The first `order - 1` residuals stay: they are what the sums start from. */
function differences(values: Integers, order: number): Integers {
  const result = values.slice();
  for (let i = order; i < values.length; i++) result[i] = (values[i] as number) - (values[i - 1] as number);
  return result;
}

/** About what the residuals cost after deflate; infinite if one is no safe varint. */
function bitsOf(residuals: Integers): number {
  let bits = 0;
  for (let i = 0; i < residuals.length; i++) {
    const size = Math.abs(residuals[i] as number);
    if (size > MAX_SIGNED) return Number.POSITIVE_INFINITY;
    bits += 1 + (size < 0x7fffffff ? 32 - Math.clz32(size) : 53);
  }
  return bits;
}
