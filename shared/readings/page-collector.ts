/**
 * The first readings of a page, out of blocks that come in any order: keeps no more than a few pages in memory, collapses what was
 * delivered twice, and knows where the next page begins. Pure.
 *
 * Order: ts, device, stream, then a hash of the value's canonical JSON: total, so that a cursor names one place in it. Two readings
 * that agree in all four are one.
 */
import { createHash } from 'node:crypto';
import { canonicalJson, JsonNumber, type JsonValue } from '../platform/json-value.ts';

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

/** Equal for equal values, and for no others. */
export const hashOf = (value: JsonValue): string =>
  createHash('sha256').update(canonicalJson(value)).digest('base64url');

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
    this.#hash ??= hashOf(this.reading.value);
    return this.#hash;
  }
}

const text = (a: string, b: string) => (a < b ? -1 : a > b ? 1 : 0);
const compare = (a: Position, b: Position): number =>
  a.ts - b.ts || text(a.device, b.device) || text(a.stream, b.stream) || text(a.hash, b.hash);

/** Of two readings, the one that comes later in the order. */
export const laterOf = (a: FoundReading, b: FoundReading): FoundReading =>
  compare(new Candidate(a), new Candidate(b)) < 0 ? b : a;

/** A page ends at `limit` readings or at 4 MB, whichever comes first. */
export const PAGE_BYTES = 4 * 1024 * 1024;

/** Bytes that a value has as JSON, or somewhat less: found without printing it. */
function leastBytes(value: JsonValue): number {
  if (typeof value === 'string') return value.length + 2;
  if (typeof value !== 'object' || value === null) return 1;
  if (value instanceof JsonNumber) return value.source.length;
  let bytes = 2;
  if (Array.isArray(value)) for (const one of value) bytes += 1 + leastBytes(one);
  else for (const [name, one] of Object.entries(value)) bytes += name.length + 4 + leastBytes(one);
  return bytes;
}

interface PageOptions {
  readonly order: Order;
  readonly limit: number;
  readonly after?: Position | undefined;
  /** Bytes of a reading as it will be rendered; a page holds no more than 4 MB of them, nor of values as they are. */
  readonly sizeOf: (reading: FoundReading) => number;
}

export function pageCollector({ order, limit, after, sizeOf }: PageOptions) {
  const sign = order === 'asc' ? 1 : -1;
  let kept: Candidate[] = [];
  /** Of all that is kept. */
  let bytes = 0;

  /** Sorts, drops doubles, and lets go of what can't be on this page. One more than the page tells that there is a next. */
  function settle() {
    kept.sort((a, b) => sign * compare(a, b));
    kept = kept.filter((one, i) => i === 0 || compare(kept[i - 1] ?? one, one) !== 0).slice(0, limit + 1);
    bytes = 0;
    const full = kept.findIndex(({ reading }) => {
      bytes += leastBytes(reading.value);
      return bytes > PAGE_BYTES;
    });
    if (full >= 0) kept = kept.slice(0, full + 2);
  }

  return {
    add(reading: FoundReading): void {
      const candidate = new Candidate(reading);
      if (after && sign * compare(candidate, after) <= 0) return;
      kept.push(candidate);
      bytes += leastBytes(reading.value);
      if (kept.length >= 4 * (limit + 1) || bytes > 4 * PAGE_BYTES) settle();
    },

    /** Whether nothing that lies at or after `bound` (asc), or before it (desc), can change the page. */
    isFull(bound: number): boolean {
      if (kept.length <= limit && bytes <= PAGE_BYTES) return false;
      settle();
      const full = kept.length > limit || bytes > PAGE_BYTES;
      const last = full ? kept[Math.min(limit, kept.length) - 1] : undefined;
      return last !== undefined && (sign > 0 ? last.ts < bound : last.ts >= bound);
    },

    page(): { readings: FoundReading[]; next?: Position } {
      settle();
      let [held, rendered, end] = [0, 0, 0];
      for (const { reading } of kept.slice(0, limit)) {
        held += leastBytes(reading.value);
        rendered += sizeOf(reading);
        if (end > 0 && (held > PAGE_BYTES || rendered > PAGE_BYTES)) break;
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
