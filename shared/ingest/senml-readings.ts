/**
 * From SenML records to readings: what was measured at one time is one reading, an object of values by label, so that
 * `[{"n":"temperature","u":"Cel","v":23.1},{"n":"humidity","u":"%RH","v":40}]` becomes
 * `{"temperature": 23.1, "humidity": 40, "_units": {"temperature": "Cel", "humidity": "%RH"}}`. A SenML name never begins with `_`.
 * Sums stand under `_sums`; an update time (`ut`) is no measurement, and left out. Pure.
 */
import type { JsonValue } from '../platform/json-value.ts';
import type { SenmlRecord } from './senml.ts';

type Members = { [label: string]: JsonValue };

export interface SenmlReading {
  readonly at: number;
  readonly value: JsonValue;
}

/** The label in a reading: the record's own name; the whole name where it has none, or one that can't stand alone. */
const labelOf = ({ baseName, ownName }: SenmlRecord) => (/^[A-Za-z0-9]/.test(ownName) ? ownName : baseName + ownName);

/** In order of first appearance. A label that a time has twice begins another reading of that time: nothing is overwritten. */
export function senmlReadings(records: readonly SenmlRecord[]): SenmlReading[] {
  const made: { at: number; labels: Set<string>; value: Members }[] = [];
  const open = new Map<number, (typeof made)[number]>();
  for (const record of records) {
    const name = labelOf(record);
    let reading = open.get(record.at);
    if (!reading || reading.labels.has(name)) {
      reading = { at: record.at, labels: new Set(), value: members() };
      open.set(record.at, reading);
      made.push(reading);
    }
    reading.labels.add(name);
    if (record.value !== undefined) reading.value[name] = record.value;
    if (record.unit !== undefined) within(reading.value, '_units')[name] = record.unit;
    if (record.sum !== undefined) within(reading.value, '_sums')[name] = record.sum;
  }
  return made.map(({ at, value }) => ({ at, value }));
}

/** Without a prototype, as values are parsed. */
const members = (): Members => Object.create(null) as Members;

function within(value: Members, name: string): Members {
  value[name] ??= members();
  return value[name] as Members;
}
