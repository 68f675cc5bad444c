/**
 * What a block holds of one device: rows by stream, each stream in order of time, no reading twice. Of two equal readings (stream,
 * ts and value) the first arrival stays, to the second. Pure.
 */
import { canonicalJson, equalJson } from '../../platform/json-value.ts';
import { decodeBlock, encodeBlock, type Row } from '../codec/block.ts';

export interface StreamRows {
  readonly stream: string;
  readonly rows: readonly Row[];
}

const toSecond = (ms: number) => Math.floor(ms / 1000) * 1000;

/** A total order of rows of one stream: by time, then by what the value is. */
function compareRows(a: Row, b: Row): number {
  if (a.ts !== b.ts) return a.ts - b.ts;
  const [left, right] = [canonicalJson(a.value), canonicalJson(b.value)];
  return left < right ? -1 : left > right ? 1 : a.receivedAt - b.receivedAt;
}

export const sameReading = (a: Row, b: Row): boolean => a.ts === b.ts && equalJson(a.value, b.value);

/** Sorted, without doubles, arrival to the second. */
function tidyRows(rows: readonly Row[]): Row[] {
  const sorted = rows.map((row) => ({ ...row, receivedAt: toSecond(row.receivedAt) })).sort(compareRows);
  return sorted.filter((row, i) => {
    const before = sorted[i - 1];
    return !before || !sameReading(before, row);
  });
}

/** The same of several sets of rows, streams in order of their names. */
export function unite(sets: readonly (readonly StreamRows[])[]): StreamRows[] {
  const byStream = new Map<string, Row[]>();
  for (const { stream, rows } of sets.flat()) {
    const all = byStream.get(stream);
    if (all) for (const row of rows) all.push(row);
    else byStream.set(stream, [...rows]);
  }
  return [...byStream].sort(([a], [b]) => (a < b ? -1 : 1)).map(([stream, rows]) => ({ stream, rows: tidyRows(rows) }));
}

export const countRows = (streams: readonly StreamRows[]): number =>
  streams.reduce((sum, { rows }) => sum + rows.length, 0);

/** Device and bucket are in the block's key, so that its body doesn't repeat them. */
export const packRows = (streams: readonly StreamRows[]): Uint8Array =>
  encodeBlock(
    streams.map(({ stream, rows }) => ({ device: '', stream, buckets: [], rows })),
    { arrival: 'second' },
  );

export const unpackRows = (bytes: Uint8Array): StreamRows[] =>
  decodeBlock(bytes).map(({ stream, rows }) => ({ stream, rows }));
