/** What a schema may leave `undefined`, JSON leaves out: from a typed value to a JSON value. */
import { JsonNumber, type JsonValue } from './json-value.ts';

/** Throws for what is no JSON in any case (functions, symbols, bigints). */
export function definedJson(value: unknown): JsonValue {
  if (value === null || typeof value === 'string' || typeof value === 'number' || typeof value === 'boolean')
    return value;
  if (value instanceof JsonNumber) return value;
  if (Array.isArray(value)) return value.map((element) => definedJson(element ?? null));
  if (typeof value !== 'object') throw new TypeError(`Not a JSON value: ${typeof value}`);
  const json = Object.create(null) as { [key: string]: JsonValue };
  for (const [name, member] of Object.entries(value)) if (member !== undefined) json[name] = definedJson(member);
  return json;
}
