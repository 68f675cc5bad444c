/** From a payload to readings, or to a reason why not. Pure. */
import { isObject, JsonError, type JsonValue, parseJson } from '../platform/json-value.ts';
import type { Reason } from '../rejected-message/rejected-message.ts';
import { isTimely, readTime } from './read-time.ts';
import { looksLikeSenml, parseSenml, SenmlError } from './senml.ts';
import { senmlReadings } from './senml-readings.ts';

export interface ReadValue {
  readonly ts: number;
  readonly value: JsonValue;
}

export interface ReadPayload {
  readonly readings: readonly ReadValue[];
  /** Why the payload, or some of its readings, can't be kept. */
  readonly problem?: { readonly reason: Reason; readonly detail?: string };
}

/** One reading: its `ts` dates it and is taken out of its value, else its arrival dates it. */
function readOne(value: JsonValue, receivedAt: number): ReadValue | undefined {
  if (!isObject(value) || !Object.hasOwn(value, 'ts')) return { ts: receivedAt, value };
  const ts = readTime(value.ts as JsonValue, receivedAt);
  if (ts === undefined) return undefined;
  const rest = Object.create(null) as { [key: string]: JsonValue };
  for (const [name, member] of Object.entries(value)) if (name !== 'ts') rest[name] = member;
  return { ts, value: rest };
}

/** One JSON value is one reading; an array is a list of readings, of which the good ones are kept, or a SenML pack. */
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
  if (looksLikeSenml(parsed)) return readSenml(parsed, receivedAt);
  return goodOnes(
    parsed.map((value) => readOne(value, receivedAt)),
    'ts',
  );
}

/** A pack is refused as a whole, but for times that are none: those depend on nothing that follows. */
function readSenml(pack: JsonValue, receivedAt: number): ReadPayload {
  try {
    const readings = senmlReadings(parseSenml(pack, receivedAt));
    return goodOnes(
      readings.map(({ at, value }) => (isTimely(at, receivedAt) ? { ts: at, value } : undefined)),
      'time',
    );
  } catch (error) {
    if (!(error instanceof SenmlError)) throw error;
    return { readings: [], problem: { reason: 'bad-senml', detail: error.message } };
  }
}

/** Of a list, what could be read; the detail names the others. */
function goodOnes(list: readonly (ReadValue | undefined)[], time: string): ReadPayload {
  const readings = list.filter((reading) => reading !== undefined);
  const bad = list.flatMap((reading, i) => (reading ? [] : [i]));
  if (bad.length === 0) return { readings };
  const which = bad.slice(0, 20).join(', ');
  const detail = `The ${time} of ${bad.length} of ${list.length} readings is not valid (from 0: ${which}); the others were kept.`;
  return { readings, problem: { reason: 'bad-timestamp', detail } };
}
