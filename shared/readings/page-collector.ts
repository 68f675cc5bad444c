/**
 * The first readings of a page, out of blocks that come in any order: keeps no more than a few pages in memory, collapses what was
 * delivered twice, and knows where the next page begins. Pure.
 *
 * Order: ts, device, stream, then a hash of the value's canonical JSON: total, so that a cursor names one place in it. Two readings
 * that agree in all four are one.
 */
import { createHash } from 'node:crypto';
import { canonicalJson, type JsonValue, stringifyJson } from '../platform/json-value.ts';

export interface FoundReading {
  readonly ts: number;
  readonly device: string;
  readonly stream: string;
  readonly value: JsonValue;
}

/** A place in the order. */
export interface Position {
  readonly ts: number;
  readonly device: string;
  readonly stream: string;
  readonly hash: string;
}

export type Order = 'asc' | 'desc';

/** A reading with its place; the hash is computed only where the rest is equal. */
class Candidate implements Position {
  readonly reading: FoundReading;
  #hash: string | undefined;

  constructor(reading: FoundReading) {
    this.reading = reading;
  }
  get ts() {
    return this.reading.ts;
  }
  get device() {
    return this.reading.device;
  }
  get stream() {
    return this.reading.stream;
  }
  get hash() {
    this.#hash ??= createHash('sha256').update(canonicalJson(this.reading.value)).digest('base64url');
    return this.#hash;
  }
}

const text = (a: string, b: string) => (a < b ? -1 : a > b ? 1 : 0);
const compare = (a: Position, b: Position): number =>
  a.ts - b.ts || text(a.device, b.device) || text(a.stream, b.stream) || text(a.hash, b.hash);

/** A page ends at `limit` readings or at 4 MB, whichever comes first. */
const PAGE_BYTES = 4 * 1024 * 1024;
/** What a reading has besides its value: time, device, stream, punctuation. */
const FRAME_BYTES = 128;

export function pageCollector(options: { order: Order; limit: number; after?: Position | undefined }) {
  const { order, limit, after } = options;
  const sign = order === 'asc' ? 1 : -1;
  let kept: Candidate[] = [];

  /** Sorts, drops doubles, and lets go of what can't be on this page. One more than the page tells that there is a next. */
  function settle() {
    kept.sort((a, b) => sign * compare(a, b));
    kept = kept.filter((one, i) => i === 0 || compare(kept[i - 1] ?? one, one) !== 0).slice(0, limit + 1);
  }

  return {
    add(reading: FoundReading): void {
      const candidate = new Candidate(reading);
      if (after && sign * compare(candidate, after) <= 0) return;
      kept.push(candidate);
      if (kept.length >= 4 * (limit + 1)) settle();
    },

    page(): { readings: FoundReading[]; next?: Position } {
      settle();
      let bytes = 0;
      let end = 0;
      for (const { reading } of kept.slice(0, limit)) {
        bytes += Buffer.byteLength(stringifyJson(reading.value)) + FRAME_BYTES;
        if (bytes > PAGE_BYTES && end > 0) break;
        end += 1;
      }
      const readings = kept.slice(0, end).map((one) => one.reading);
      const last = kept[end - 1];
      if (end === kept.length || !last) return { readings };
      const { ts, device, stream, hash } = last;
      return { readings, next: { ts, device, stream, hash } };
    },
  };
}
