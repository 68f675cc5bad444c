// Readings as bytes. One format serves a *fresh block* (one ingest batch: many devices, a few readings each) and an
// *hour block* (one device and stream, hundreds of readings). Both come back exactly as they went in: groups and rows in their
// order, every JSON value as it was sent. This room is pure: it reads no clock and no store, and uses only Node's zlib.
//
// Inside a frame (see frame.ts) lie: the groups' devices, streams, bucket lists and row counts; then, over the rows of all
// groups, the times; then the values, column by column. Filters look at groups and times before any value is read.

import type { JsonValue } from '../../platform/json-value.ts';
import { BlockError, corrupt } from './block-error.ts';
import { frame, unframe } from './frame.ts';
import { readValues, writeValues } from './shapes.ts';
import { readDictionary, writeDictionary } from './strings.ts';
import { type Arrival, readTimes, writeTimes } from './timestamps.ts';
import { ByteReader, ByteWriter } from './varint.ts';

export { type Arrival, BlockError };

export interface Row {
  /** Epoch milliseconds; any safe integer. */
  readonly ts: number;
  readonly receivedAt: number;
  readonly value: JsonValue;
}

export interface Group {
  readonly device: string;
  readonly stream: string;
  readonly buckets: readonly string[];
  readonly rows: readonly Row[];
}

export interface BlockOptions {
  /** How much of `receivedAt` to keep. Default `exact`. */
  readonly arrival?: Arrival;
}

export interface BlockFilter {
  readonly device?: string;
  readonly stream?: string;
  /** Groups that this bucket collects. */
  readonly bucket?: string;
  /** Inclusive. A group that `from` or `to` leaves without rows is left out. */
  readonly from?: number;
  /** Exclusive. */
  readonly to?: number;
}

/** Throws a TypeError for what is no reading: NaN, a time that isn't a safe integer, a value of more than 64 levels. */
export function encodeBlock(groups: readonly Group[], options: BlockOptions = {}): Uint8Array {
  const out = new ByteWriter();
  out.count(groups.length);
  writeDictionary(
    out,
    groups.map((group) => group.device),
  );
  writeDictionary(
    out,
    groups.map((group) => group.stream),
  );
  writeDictionary(
    out,
    groups.map((group) => JSON.stringify(group.buckets)),
  );
  for (const group of groups) out.count(group.rows.length);
  const rows = groups.flatMap((group) => group.rows);
  writeTimes(out, rows, options.arrival ?? 'exact');
  writeValues(
    out,
    rows.map((row) => row.value),
  );
  return frame(out.finish(), out.mostlyText);
}

/** Throws a BlockError for bytes that `encodeBlock` didn't write. */
export function decodeBlock(bytes: Uint8Array, filter: BlockFilter = {}): Group[] {
  const reader = new ByteReader(unframe(bytes));
  const { heads, count } = readHeads(reader);
  const matching = heads.filter((head) => matches(head, filter));
  if (matching.length === 0) return [];
  const { ts, receivedAt } = readTimes(reader, count);
  const { from = Number.NEGATIVE_INFINITY, to = Number.POSITIVE_INFINITY } = filter;
  const wanted = (row: number) => (ts[row] as number) >= from && (ts[row] as number) < to;
  const values = readValues(reader, count);
  const groups = matching.map(({ device, stream, buckets, start, end }) => {
    const rows: Row[] = [];
    for (let row = start; row < end; row++) {
      if (!wanted(row)) continue;
      rows.push({ ts: ts[row] as number, receivedAt: receivedAt[row] as number, value: values[row] as JsonValue });
    }
    return { device, stream, buckets, rows };
  });
  const inTime = filter.from !== undefined || filter.to !== undefined;
  return inTime ? groups.filter((group) => group.rows.length > 0) : groups;
}

interface Head {
  readonly device: string;
  readonly stream: string;
  readonly buckets: readonly string[];
  /** Its rows, counted over all groups. */
  readonly start: number;
  readonly end: number;
}

function readHeads(from: ByteReader): { heads: Head[]; count: number } {
  const groups = from.size();
  const devices = readDictionary(from, groups);
  const streams = readDictionary(from, groups);
  const buckets = readDictionary(from, groups);
  let count = 0;
  const heads = devices.map((device, i) => {
    const start = count;
    count += from.count();
    return { device, stream: streams[i] as string, buckets: readBuckets(buckets[i] as string), start, end: count };
  });
  return { heads, count: from.available(count) };
}

function readBuckets(text: string): string[] {
  try {
    const buckets: unknown = JSON.parse(text);
    if (Array.isArray(buckets) && buckets.every((bucket) => typeof bucket === 'string')) return buckets;
  } catch {
    // said below
  }
  return corrupt('no list of buckets');
}

function matches(head: Head, { device, stream, bucket }: BlockFilter): boolean {
  if (device !== undefined && device !== head.device) return false;
  if (stream !== undefined && stream !== head.stream) return false;
  return bucket === undefined || head.buckets.includes(bucket);
}
