/** Readings as CSV and NDJSON, and the choice of fields. Pure. */
import { JsonNumber, type JsonValue, stringifyJson } from '../platform/json-value.ts';
import type { FoundReading } from './page-collector.ts';

const isObject = (value: JsonValue | undefined): value is { [key: string]: JsonValue } =>
  typeof value === 'object' && value !== null && !Array.isArray(value) && !(value instanceof JsonNumber);

/** The member at a dotted path; a member whose own name has the dots is found first. */
export function fieldOf(value: JsonValue, path: string): JsonValue | undefined {
  if (!isObject(value)) return undefined;
  if (Object.hasOwn(value, path)) return value[path];
  for (let dot = path.indexOf('.'); dot > 0; dot = path.indexOf('.', dot + 1)) {
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

const quote = (text: string) => (/[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text);
/** Values are JSON text, so that a string keeps its quotes and a spreadsheet never takes it for a formula. */
const cell = (value: JsonValue | undefined) => (value === undefined ? '' : quote(stringifyJson(value)));

export function toCsv(readings: readonly FoundReading[], fields: readonly string[] | undefined): string {
  const head = ['ts', 'device', 'stream', ...(fields ?? ['value'])].map(quote);
  const lines = readings.map(({ ts, device, stream, value }) => {
    const values = fields ? fields.map((field) => cell(fieldOf(value, field))) : [cell(value)];
    return [new Date(ts).toISOString(), device, stream, ...values].join(',');
  });
  return `${[head.join(','), ...lines].join('\r\n')}\r\n`;
}

export const toNdjson = (items: readonly { ts: string; device: string; stream: string; value: JsonValue }[]): string =>
  items.map((item) => `${stringifyJson(item)}\n`).join('');
