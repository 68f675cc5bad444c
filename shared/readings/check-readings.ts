/**
 * Readings that a program writes, judged: all good, or a pointer to each that isn't. A reading belongs where the bucket's source
 * says, as if its device had sent it. Pure but for the lookups, which are given.
 */
import { DomainError, type FieldError } from '../api/errors.ts';
import { collects, type Source } from '../bucket/bucket.ts';
import { readTime } from '../ingest/read-time.ts';
import { type JsonValue, MAX_DEPTH, stringifyJson, tooDeepAt } from '../platform/json-value.ts';
import type { NewReading } from './new-reading.ts';

/** Bytes that a value may have as JSON: as over MQTT, and always within what a block can hold. */
export const MOST_VALUE_BYTES = 128 * 1024;

export interface CheckedReading {
  readonly product: string;
  readonly device: string;
  readonly stream: string;
  readonly ts: number;
  readonly value: JsonValue;
}

interface Lookups {
  readonly source: Source;
  /** The product of each device of the account that the readings name. */
  readonly products: ReadonlyMap<string, string>;
  readonly now: number;
}

/** Throws one validation error with a pointer for each member that is wrong. */
export function checkReadings(readings: readonly NewReading[], { source, products, now }: Lookups): CheckedReading[] {
  const errors: FieldError[] = [];
  const checked = readings.map(({ device, stream, ts: given, value }, i): CheckedReading => {
    const refuse = (member: string, detail: string) => errors.push({ pointer: `/readings/${i}/${member}`, detail });
    const product = products.get(device) ?? '';
    if (product === '') refuse('device', 'is not a device of this account');
    else if (!collects({ ...source, stream: undefined }, { product, device, stream }))
      refuse('device', 'is not one that the source of this bucket names');
    if (source.stream !== undefined && source.stream !== stream)
      refuse('stream', 'is not the one that the source of this bucket names');
    const ts = given === undefined ? now : readTime(given, now);
    if (ts === undefined)
      refuse(
        'ts',
        'must be ISO 8601 with an offset or epoch milliseconds, not before 1970 nor more than 24 hours ahead',
      );
    const text = stringifyJson(value);
    if (tooDeepAt(text, MAX_DEPTH) >= 0) refuse('value', `has more than ${MAX_DEPTH} levels`);
    else if (Buffer.byteLength(text) > MOST_VALUE_BYTES)
      refuse('value', `has more than ${MOST_VALUE_BYTES} bytes as JSON`);
    return { product, device, stream, ts: ts ?? now, value };
  });
  if (errors.length > 0)
    throw new DomainError('validation', 'Nothing was stored: some readings are not valid.', { errors });
  return checked;
}
