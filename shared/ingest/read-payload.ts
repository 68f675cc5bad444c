/** From a payload to readings, or to a reason why not. Pure. */

import { parseIsoTime } from '../api/fields.ts';
import { JsonError, JsonNumber, type JsonValue, parseJson } from '../platform/json-value.ts';
import type { Reason } from '../rejected-message/rejected-message.ts';

export interface ReadValue {
  readonly ts: number;
  readonly value: JsonValue;
}

export interface ReadPayload {
  readonly readings: readonly ReadValue[];
  /** Why the payload, or some of its readings, can't be kept. */
  readonly problem?: { readonly reason: Reason; readonly detail?: string };
}

const AHEAD_MS = 24 * 3600_000;

/** `undefined`: no valid time. Finer than a millisecond is truncated. */
function parseTs(ts: JsonValue, receivedAt: number): number | undefined {
  const at = typeof ts === 'string' ? parseIsoTime(ts) : epochMs(ts);
  // `+ 0` makes a zero of minus zero.
  return at !== undefined && at >= 0 && at <= receivedAt + AHEAD_MS ? at + 0 : undefined;
}

/** Floor, so that what lies before 1970 stays before it. */
function epochMs(ts: JsonValue): number | undefined {
  if (typeof ts === 'number') return Math.floor(ts);
  // So many digits that a double would round them up.
  if (ts instanceof JsonNumber) return Math.floor(Number(ts.source.replace(/^(-?\d+\.\d{3})\d+$/, '$1')));
  return undefined;
}

/** One reading: its `ts` dates it and is taken out of its value, else its arrival dates it. */
function readOne(value: JsonValue, receivedAt: number): ReadValue | undefined {
  const dated = typeof value === 'object' && value !== null && !Array.isArray(value) && !(value instanceof JsonNumber);
  if (!dated || !Object.hasOwn(value, 'ts')) return { ts: receivedAt, value };
  const ts = parseTs(value.ts as JsonValue, receivedAt);
  if (ts === undefined) return undefined;
  const rest = Object.create(null) as { [key: string]: JsonValue };
  for (const [name, member] of Object.entries(value)) if (name !== 'ts') rest[name] = member;
  return { ts, value: rest };
}

/** One JSON value is one reading; an array is a list of readings, of which the good ones are kept. */
export function readPayload(payload: Uint8Array, receivedAt: number): ReadPayload {
  let parsed: JsonValue;
  try {
    parsed = parseJson(payload);
  } catch (error) {
    if (!(error instanceof JsonError)) throw error;
    // Its words never quote the payload.
    return { readings: [], problem: { reason: error.code, detail: `${error.message}.` } };
  }
  if (!Array.isArray(parsed)) {
    const reading = readOne(parsed, receivedAt);
    return reading ? { readings: [reading] } : { readings: [], problem: { reason: 'bad-timestamp' } };
  }
  const readings: ReadValue[] = [];
  const bad: number[] = [];
  for (const [i, value] of parsed.entries()) {
    const reading = readOne(value, receivedAt);
    if (reading) readings.push(reading);
    else bad.push(i);
  }
  if (bad.length === 0) return { readings };
  const which = bad.slice(0, 20).join(', ');
  const detail = `The ts of ${bad.length} of ${parsed.length} readings is not valid (from 0: ${which}); the others were kept.`;
  return { readings, problem: { reason: 'bad-timestamp', detail } };
}
