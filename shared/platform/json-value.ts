// JSON as devices send it. `JSON.parse` loses what a double can't hold (9007199254740993, 0.1234567890123456789, 1e400)
// and accepts any depth; a platform that promises to give data back as it came may do neither. This file owns the value
// type, its parser and printer, and what "the same value" means. It touches nothing but Node's own JSON.

export type JsonValue = null | boolean | number | string | JsonNumber | JsonValue[] | { [key: string]: JsonValue };

/** Levels of arrays and objects that a value may have, unless a caller says otherwise. */
export const MAX_DEPTH = 64;

export class JsonError extends Error {
  override readonly name = 'JsonError';
  readonly code: 'not-json' | 'too-deep';
  /** Index into the text (UTF-16 units), where it is known. */
  readonly position: number | undefined;

  constructor(code: 'not-json' | 'too-deep', message: string, position?: number) {
    super(message);
    this.code = code;
    this.position = position;
  }
}

/** A number that no double holds exactly, kept as its source text. Never made for one that a double does hold. */
export class JsonNumber {
  readonly source: string;

  constructor(source: string) {
    if (!NUMBER.test(source)) throw new TypeError('Not a JSON number');
    if (isExact(source)) throw new TypeError('A double holds this number: use it as it is');
    this.source = source;
  }

  /** Lets a plain `JSON.stringify` print the source too. */
  toJSON(): unknown {
    return native.rawJSON(this.source);
  }
}

export const isObject = (value: JsonValue | undefined): value is { [key: string]: JsonValue } =>
  typeof value === 'object' && value !== null && !Array.isArray(value) && !(value instanceof JsonNumber);

/** What Node 24 has and the TypeScript library doesn't declare yet: source text access of JSON. */
interface NativeJson {
  rawJSON(text: string): unknown;
  parse(text: string, reviver: (key: string, value: JsonValue, context: { source?: string }) => JsonValue): JsonValue;
}
const native = JSON as unknown as NativeJson;

const NUMBER = /^-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][-+]?\d+)?$/;

// A decimal of up to 15 digits survives a double, unless its exponent leaves the range of doubles. Everything else, also
// a long digit run within a string, goes the slow way (about six times slower), which looks at the source text.
const MAY_BE_INEXACT = /[\d.]{16}|\d[eE][-+]?\d{3}/;

const utf8 = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });

export function parseJson(text: string | Uint8Array, limits: { maxDepth?: number } = {}): JsonValue {
  const source = typeof text === 'string' ? text : decodeUtf8(text);
  const maxDepth = limits.maxDepth ?? MAX_DEPTH;
  const position = tooDeepAt(source, maxDepth);
  if (position >= 0) throw new JsonError('too-deep', `The JSON text is deeper than ${maxDepth} levels`, position);
  try {
    return MAY_BE_INEXACT.test(source) ? native.parse(source, reviveNumber) : (JSON.parse(source) as JsonValue);
  } catch (error) {
    if (error instanceof RangeError) throw new JsonError('too-deep', 'The JSON text is too deep to be read');
    throw notJson(error);
  }
}

/** The inverse of `parseJson`, also for -0. Throws a TypeError for what is no JSON value (NaN, undefined, …). */
export function stringifyJson(value: JsonValue): string {
  // Only -0 needs the replacer, which is slow.
  return hasMinusZero(value) ? JSON.stringify(value, printMinusZero) : JSON.stringify(value);
}

/** Same value: object members in any order, numbers by their decimal value (so -0 is 0, as in RFC 8785). */
export function equalJson(a: JsonValue, b: JsonValue): boolean {
  if (a === b) return true;
  if (typeof a !== 'object' || typeof b !== 'object' || a === null || b === null) return false;
  return canonicalJson(a) === canonicalJson(b);
}

/** One text for all equal values: keys sorted by UTF-16 units, no spaces, numbers in one form. */
export function canonicalJson(value: JsonValue): string {
  if (value instanceof JsonNumber) return canonicalDecimal(value.source);
  if (Array.isArray(value)) return `[${value.map(canonicalJson).join(',')}]`;
  if (typeof value !== 'object' || value === null) return printScalar(value);
  const members = Object.keys(value)
    .sort()
    .map((key) => `${JSON.stringify(key)}:${canonicalJson(value[key] as JsonValue)}`);
  return `{${members.join(',')}}`;
}

/** Index of the bracket that opens level `maxDepth + 1`, or -1. A scan, so that no parser ever sees such a text. */
export function tooDeepAt(text: string, maxDepth: number): number {
  if (!hasMoreBrackets(text, maxDepth)) return -1;
  let depth = 0;
  for (let i = 0; i < text.length; i++) {
    const char = text.charCodeAt(i);
    if (char === 0x22) i = endOfString(text, i);
    else if (char === 0x5b || char === 0x7b) {
      if (++depth > maxDepth) return i;
    } else if (char === 0x5d || char === 0x7d) depth--;
  }
  return -1;
}

/** Most texts open fewer brackets than they may have levels, and a native search sees that in a tenth of the time. */
function hasMoreBrackets(text: string, most: number): boolean {
  let opened = 0;
  for (const bracket of ['{', '[']) {
    for (let at = text.indexOf(bracket); at >= 0; at = text.indexOf(bracket, at + 1)) {
      if (++opened > most) return true;
    }
  }
  return false;
}

function endOfString(text: string, open: number): number {
  for (let i = open + 1; i < text.length; i++) {
    const char = text.charCodeAt(i);
    if (char === 0x22) return i;
    if (char === 0x5c) i++;
  }
  return text.length;
}

function decodeUtf8(bytes: Uint8Array): string {
  try {
    return utf8.decode(bytes);
  } catch {
    throw new JsonError('not-json', 'The bytes are not UTF-8');
  }
}

// V8's own message may quote the text, and a device's payload has no place in a list of rejected messages. Only the end of
// the message is V8's own word for sure.
function notJson(error: unknown): JsonError {
  const position = / at position (\d+) \(line \d+ column \d+\)$/.exec(String(error))?.[1];
  if (position === undefined) return new JsonError('not-json', 'The text is not JSON');
  return new JsonError('not-json', `The text is not JSON (at position ${position})`, Number(position));
}

function reviveNumber(_key: string, value: JsonValue, context: { source?: string }): JsonValue {
  if (typeof value !== 'number' || context.source === undefined || isExact(context.source)) return value;
  return new JsonNumber(context.source);
}

/** Whether the shortest decimal of the double is the same decimal as the source. */
function isExact(source: string): boolean {
  const value = Number(source);
  if (String(value) === source) return true;
  return Number.isFinite(value) && canonicalDecimal(String(value)) === canonicalDecimal(source);
}

/** digits`e`exponent without leading and trailing zeros: equal for equal decimals. Exponents may be of any length. */
function canonicalDecimal(source: string): string {
  const [mantissa = '', exponent = '0'] = source.toLowerCase().split('e');
  const [whole = '', fraction = ''] = mantissa.replace('-', '').split('.');
  const digits = whole + fraction;
  // Loops, because /0+$/ takes quadratic time on a long run of zeros.
  let from = 0;
  let to = digits.length;
  while (from < to && digits[from] === '0') from++;
  while (to > from && digits[to - 1] === '0') to--;
  if (from === to) return '0';
  const scale = BigInt(exponent) + BigInt(whole.length - to);
  return `${mantissa.startsWith('-') ? '-' : ''}${digits.slice(from, to)}e${scale}`;
}

function hasMinusZero(value: JsonValue): boolean {
  if (typeof value !== 'object') {
    if (typeof value === 'number') return value === 0 ? Object.is(value, -0) : !Number.isFinite(value) && refuse(value);
    return typeof value !== 'string' && typeof value !== 'boolean' && refuse(value);
  }
  if (value === null || value instanceof JsonNumber) return false;
  if (Array.isArray(value)) return value.some(hasMinusZero);
  for (const key of Object.keys(value)) if (hasMinusZero(value[key] as JsonValue)) return true;
  return false;
}

const PRINTABLE = new Set(['string', 'boolean', 'object']);

function printMinusZero(_key: string, value: unknown): unknown {
  if (typeof value === 'number' ? !Number.isFinite(value) : !PRINTABLE.has(typeof value)) refuse(value);
  return Object.is(value, -0) ? native.rawJSON('-0') : value;
}

function printScalar(value: null | boolean | number | string): string {
  hasMinusZero(value); // refuses NaN and Infinity, which would print as null
  return JSON.stringify(value);
}

function refuse(value: unknown): never {
  throw new TypeError(`Not a JSON value: ${String(value)}`);
}
