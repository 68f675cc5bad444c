/** Readings as CSV and NDJSON, and the choice of fields. Pure. */
import { isoTime } from '../platform/clock.ts';
import { isObject, type JsonValue, stringifyJson } from '../platform/json-value.ts';
import type { FoundReading } from './page-collector.ts';

/** The member at a dotted path; a member whose own name has the dots is found first. */
export function fieldOf(value: JsonValue, path: string): JsonValue | undefined {
  if (!isObject(value)) return undefined;
  if (Object.hasOwn(value, path)) return value[path];
  for (let dot = path.indexOf('.'); dot >= 0; dot = path.indexOf('.', dot + 1)) {
    const head = path.slice(0, dot);
    if (!Object.hasOwn(value, head)) continue;
    const found = fieldOf(value[head] as JsonValue, path.slice(dot + 1));
    if (found !== undefined) return found;
  }
  return undefined;
}

/** An object of the fields that the value has, named as they were asked for. */
export const pickFields = (value: JsonValue, fields: readonly string[]): JsonValue =>
  Object.fromEntries(
    fields.flatMap((field) => {
      const found = fieldOf(value, field);
      return found === undefined ? [] : [[field, found]];
    }),
  );

export const quote = (text: string) => (/[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text);
/** Values are JSON text, so that a string keeps its quotes and a spreadsheet never takes it for a formula. */
const cell = (value: JsonValue | undefined) => (value === undefined ? '' : quote(stringifyJson(value)));

type Fields = readonly string[] | undefined;

export const csvHead = (fields: Fields): string =>
  `${['ts', 'device', 'stream', ...(fields ?? ['value'])].map(quote).join(',')}\r\n`;

export function csvLine({ ts, device, stream, value }: FoundReading, fields: Fields): string {
  const values = fields ? fields.map((field) => cell(fieldOf(value, field))) : [cell(value)];
  return `${[isoTime(ts), device, stream, ...values].join(',')}\r\n`;
}

/** A reading as JSON shows it. */
export const shownReading = ({ ts, device, stream, value }: FoundReading, fields: Fields) => ({
  ts: isoTime(ts),
  device,
  stream,
  value: fields ? pickFields(value, fields) : value,
});

export const jsonLine = (reading: FoundReading, fields: Fields): string =>
  `${stringifyJson(shownReading(reading, fields))}\n`;
