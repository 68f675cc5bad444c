/**
 * The layout of a fresh block: devices by their numbers, in their order, each written as its distance from the one before. Where a
 * batch has most of a product's devices nearly all distances are 1, which deflate takes for next to nothing; ids of 26 random
 * characters were two thirds of a block. Arrival is kept to the second, as everywhere else at rest. Pure.
 */
import { decodeBlock, encodeBlock, type Group, type Row } from './codec/block.ts';

/** A group whose device is named by its number within the product. */
export interface NumberedGroup extends Omit<Group, 'device'> {
  readonly number: number;
}

export interface Packed {
  readonly bytes: Uint8Array;
  /** Readings. */
  readonly n: number;
  /** The first and the last `ts`, epoch ms. */
  readonly lo: number;
  readonly hi: number;
}

export function packFresh(groups: readonly NumberedGroup[]): Packed {
  let [n, lo, hi, before] = [0, Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY, 0];
  const inOrder = groups.toSorted((a, b) => a.number - b.number);
  const written = inOrder.map(({ number, stream, buckets, rows }) => {
    n += rows.length;
    for (const { ts } of rows) {
      if (ts < lo) lo = ts;
      if (ts > hi) hi = ts;
    }
    const device = String(number - before);
    before = number;
    return { device, stream, buckets, rows };
  });
  return { bytes: encodeBlock(written, { arrival: 'second' }), n, lo, hi };
}

/** What is wanted of a block. */
export interface NumberedFilter {
  readonly number?: number | undefined;
  readonly stream?: string | undefined;
  readonly bucket?: string | undefined;
  /** Inclusive, epoch ms. */
  readonly from?: number | undefined;
  /** Exclusive, epoch ms. */
  readonly to?: number | undefined;
}

/** The groups that pass the filter, by number. The codec's own filter would leave out what the numbers are counted from. */
export function unpackFresh(bytes: Uint8Array, filter: NumberedFilter): NumberedGroup[] {
  const { from = Number.NEGATIVE_INFINITY, to = Number.POSITIVE_INFINITY } = filter;
  const inTime = ({ ts }: Row) => ts >= from && ts < to;
  let number = 0;
  return decodeBlock(bytes).flatMap(({ device, stream, buckets, rows }) => {
    number += Number(device);
    if (filter.number !== undefined && filter.number !== number) return [];
    if (filter.stream !== undefined && filter.stream !== stream) return [];
    if (filter.bucket !== undefined && !buckets.includes(filter.bucket)) return [];
    const wanted = rows.every(inTime) ? rows : rows.filter(inTime);
    return wanted.length > 0 ? [{ number, stream, buckets, rows: wanted }] : [];
  });
}
