/** JSON as archives hold it: one text for the same data, members in order, numbers as they were sent. Pure. */
import { JsonNumber, type JsonValue } from '../platform/json-value.ts';

/** Members sorted by UTF-16 units at every level, no spaces. Throws a TypeError for what is no JSON value (NaN, undefined, …). */
export function archiveJson(value: JsonValue): string {
  switch (typeof value) {
    case 'string':
      return JSON.stringify(value);
    case 'boolean':
      return value ? 'true' : 'false';
    case 'number':
      return printNumber(value);
    case 'object':
      return value === null ? 'null' : printNested(value);
    default:
      throw new TypeError(`Not a JSON value: ${typeof value}`);
  }
}

function printNumber(value: number): string {
  if (value === 0) return Object.is(value, -0) ? '-0' : '0';
  if (!Number.isFinite(value)) throw new TypeError(`Not a JSON value: ${value}`);
  return String(value);
}

function printNested(value: JsonNumber | JsonValue[] | { [name: string]: JsonValue }): string {
  if (value instanceof JsonNumber) return value.source;
  if (Array.isArray(value)) return `[${value.map(archiveJson).join(',')}]`;
  let [text, comma] = ['{', ''];
  for (const { name, label } of membersOf(value)) {
    text += comma + label + archiveJson(value[name] as JsonValue);
    comma = ',';
  }
  return `${text}}`;
}

interface Member {
  readonly name: string;
  /** The name as JSON, with its colon. */
  readonly label: string;
}

interface Shape {
  /** As a value has them. */
  readonly names: readonly string[];
  readonly members: readonly Member[];
}

/** A device sends the same members again and again: the order of the last few lists of them is known. */
const recent: Shape[] = [];
const MOST_RECENT = 8;

function membersOf(value: object): readonly Member[] {
  const names = Object.keys(value);
  const known = recent.find((shape) => isSame(shape.names, names));
  if (known) return known.members;
  const members = names.toSorted().map((name) => ({ name, label: `${JSON.stringify(name)}:` }));
  recent.unshift({ names, members });
  if (recent.length > MOST_RECENT) recent.pop();
  return members;
}

function isSame(one: readonly string[], other: readonly string[]): boolean {
  if (one.length !== other.length) return false;
  for (let i = 0; i < one.length; i++) if (one[i] !== other[i]) return false;
  return true;
}
