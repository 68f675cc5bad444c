/** When a reading was taken, as its sender says: the same rules for every way in. Pure. */
import { parseIsoTime } from '../api/fields.ts';
import { JsonNumber, type JsonValue } from '../platform/json-value.ts';

const AHEAD_MS = 24 * 3600_000;

/** Not before 1970, and not more than 24 hours ahead of its arrival. */
export const isTimely = (at: number, receivedAt: number): boolean => at >= 0 && at <= receivedAt + AHEAD_MS;

/** ISO 8601 with offset, or epoch milliseconds; `undefined`: no valid time. Finer than a millisecond is truncated. */
export function readTime(ts: JsonValue, receivedAt: number): number | undefined {
  const at = typeof ts === 'string' ? parseIsoTime(ts) : epochMs(ts);
  // `+ 0` makes a zero of minus zero.
  return at !== undefined && isTimely(at, receivedAt) ? at + 0 : undefined;
}

/** Floor, so that what lies before 1970 stays before it. */
function epochMs(ts: JsonValue): number | undefined {
  if (typeof ts === 'number') return Math.floor(ts);
  // So many digits that a double would round them up.
  if (ts instanceof JsonNumber) return Math.floor(Number(ts.source.replace(/^(-?\d+\.\d{3})\d+$/, '$1')));
  return undefined;
}
