/**
 * What a reading has in a column. Pure.
 *
 * Rows may be newer than the pass that found the columns: what doesn't fit the type of its column is absent, as is what has no
 * column. The long form and the `value` of Parquet have everything.
 */
import { isObject, JsonNumber, type JsonValue, stringifyJson } from '../../platform/json-value.ts';
import type { Column, ColumnType } from './column.ts';

export type Cell = boolean | number | JsonNumber | string | undefined;

/** JSON text for a column of type `json`; `undefined`: absent. */
export function cellOf(value: JsonValue, { path, type }: Column): Cell {
  let found: JsonValue = value;
  for (const name of path) {
    if (!isObject(found) || !Object.hasOwn(found, name)) return undefined;
    found = found[name] as JsonValue;
  }
  // Members of an object have columns of their own.
  if (found === null || isObject(found)) return undefined;
  if (type === 'json') return stringifyJson(found);
  return fits(found, type) ? found : undefined;
}

function fits(value: JsonValue, type: Exclude<ColumnType, 'json'>): value is boolean | number | JsonNumber | string {
  if (type === 'integer') return Number.isSafeInteger(value);
  if (type === 'number') return typeof value === 'number' || value instanceof JsonNumber;
  return typeof value === type;
}
