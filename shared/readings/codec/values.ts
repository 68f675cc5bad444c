// A column of JSON values: what one field holds, reading after reading. Each value has a kind, and the values of each kind are
// written together, so that a `null` now and then, or one odd number, doesn't spoil a column of numbers. Kinds are written
// only where they differ. Arrays, objects and numbers beyond a double stay JSON text.

import {
  JsonError,
  JsonNumber,
  type JsonValue,
  MAX_DEPTH,
  parseJson,
  stringifyJson,
  tooDeepAt,
} from '../../platform/json-value.ts';
import { corrupt } from './block-error.ts';
import { isDecimal, readDecimals, scaleOf, writeDecimals } from './numbers.ts';
import { readDictionary, readTexts, writeDictionary, writeTexts } from './strings.ts';
import type { ByteReader, ByteWriter } from './varint.ts';

// -0 is a kind of its own: no decimal integer has it.
const LITERALS: readonly JsonValue[] = [null, false, true, -0];
const DECIMAL = 4;
const DOUBLE = 5;
const STRING = 6;
const JSON_TEXT = 7;
const KINDS = 8;
const MIXED = 8;

export function writeColumn(out: ByteWriter, values: readonly JsonValue[]): void {
  const scale = scaleOf(values);
  const kinds = new Uint8Array(values.length);
  const parts: JsonValue[][] = Array.from({ length: KINDS }, () => []);
  for (let i = 0; i < values.length; i++) {
    const kind = kindOf(values[i] as JsonValue, scale);
    kinds[i] = kind;
    parts[kind]?.push(values[i] as JsonValue);
  }
  const uniform = parts.findIndex((part, kind) => kind >= DECIMAL && part.length === values.length);
  out.byte(uniform >= 0 ? uniform : MIXED);
  if (uniform < 0) out.raw(kinds);
  const [decimals, doubles, strings, others] = parts.slice(DECIMAL) as [number[], number[], string[], JsonValue[]];
  if (decimals.length > 0) writeDecimals(out, decimals, scale);
  if (doubles.length > 0) out.doubles(doubles);
  if (strings.length > 0) writeDictionary(out, strings);
  if (others.length > 0) writeTexts(out, others.map(printJson));
}

export function readColumn(from: ByteReader, count: number): ArrayLike<JsonValue> {
  const kind = from.byte();
  if (kind !== MIXED) return readKind(from, kind, count);
  const kinds = from.codes(count, KINDS);
  const counts = new Array<number>(KINDS).fill(0);
  for (const kind of kinds) counts[kind] = (counts[kind] as number) + 1;
  const parts = counts.map((n, kind) => (n > 0 && kind >= DECIMAL ? readKind(from, kind, n) : []));
  const taken = new Array<number>(KINDS).fill(0);
  return Array.from(kinds, (kind) => {
    if (kind < DECIMAL) return LITERALS[kind] as JsonValue;
    const at = taken[kind] as number;
    taken[kind] = at + 1;
    return (parts[kind] as ArrayLike<JsonValue>)[at] as JsonValue;
  });
}

function readKind(from: ByteReader, kind: number, count: number): ArrayLike<JsonValue> {
  if (kind === DECIMAL) return readDecimals(from, count);
  if (kind === DOUBLE) return from.doubles(count);
  if (kind === STRING) return readDictionary(from, count);
  return kind === JSON_TEXT ? readTexts(from, count).map(readJson) : corrupt('unknown kind of value');
}

function kindOf(value: JsonValue, scale: number): number {
  if (typeof value === 'number') {
    if (!Number.isFinite(value)) throw new TypeError(`Not a JSON value: ${value}`);
    if (Object.is(value, -0)) return LITERALS.length - 1;
    return isDecimal(value, scale) ? DECIMAL : DOUBLE;
  }
  if (typeof value === 'string') return STRING;
  if (value === null) return 0;
  return typeof value === 'boolean' ? Number(value) + 1 : JSON_TEXT;
}

function printJson(value: JsonValue): string {
  const text = stringifyJson(value);
  if (tooDeepAt(text, MAX_DEPTH) >= 0) throw new TypeError(`A value deeper than ${MAX_DEPTH} levels`);
  return text;
}

function readJson(text: string): JsonValue {
  try {
    const value = parseJson(text);
    // Everything else has a kind of its own.
    return typeof value === 'object' && value !== null ? value : corrupt('a scalar as JSON text');
  } catch (error) {
    if (error instanceof JsonError) corrupt(error.message);
    throw error;
  }
}

/** Whether a value has fields that can be columns. */
export function hasFields(value: JsonValue): value is { [key: string]: JsonValue } {
  return typeof value === 'object' && value !== null && !Array.isArray(value) && !(value instanceof JsonNumber);
}
