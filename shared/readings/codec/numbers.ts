// Numbers of a column as integers: 21.4, 21.45, 21.5 are 2140, 2145, 2150 at scale 2. A number belongs to the integers only
// if dividing by the power of ten gives it back bit for bit; the rest (means, 1e308) is written as doubles. Sensors send
// short decimals, whose differences then take a byte instead of eight.

import { corrupt } from './block-error.ts';
import { readIntegers, writeIntegers } from './integers.ts';
import type { ByteReader, ByteWriter } from './varint.ts';

const MAX_SCALE = 15;
// Literals, not powers: a computed power could be off by a bit, and differ from one machine to the next.
const POWERS = [1, 1e1, 1e2, 1e3, 1e4, 1e5, 1e6, 1e7, 1e8, 1e9, 1e10, 1e11, 1e12, 1e13, 1e14, 1e15];

/** The smallest scale at which every number among the values that is a short decimal at all is an integer. */
export function scaleOf(values: readonly unknown[]): number {
  let scale = 0;
  for (let i = 0; i < values.length; i++) {
    const number = values[i];
    if (typeof number !== 'number') continue;
    for (let wider = scale; wider <= MAX_SCALE; wider++) {
      if (!isDecimal(number, wider)) continue;
      scale = wider;
      break;
    }
  }
  return scale;
}

export function isDecimal(number: number, scale: number): boolean {
  const power = POWERS[scale] as number;
  const integer = Math.round(number * power);
  return integer / power === number && Number.isSafeInteger(integer);
}

export function writeDecimals(out: ByteWriter, numbers: readonly number[], scale: number): void {
  const power = POWERS[scale] as number;
  const integers = new Float64Array(numbers.length);
  for (let i = 0; i < integers.length; i++) integers[i] = Math.round((numbers[i] as number) * power);
  out.byte(scale);
  writeIntegers(out, integers);
}

export function readDecimals(from: ByteReader, count: number): Float64Array {
  const scale = from.byte();
  const power = POWERS[scale] ?? corrupt('unknown scale');
  const values = readIntegers(from, count);
  if (scale > 0) for (let i = 0; i < count; i++) values[i] = (values[i] as number) / power;
  return values;
}
