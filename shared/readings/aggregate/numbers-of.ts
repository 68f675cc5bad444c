/**
 * The numbers of a reading's value by the names of their fields: dots go deeper, arrays aren't entered, and a value that is a number
 * itself is the field `value`. What a name means is what `fields=` says it means. Pure.
 */
import { JsonNumber, type JsonValue } from '../../platform/json-value.ts';
import { hasFields } from '../codec/values.ts';
import { fieldOf } from '../render-readings.ts';
import { finite } from './exact-sum.ts';

/** The field of a value that is a number itself. */
const BARE = 'value';

type Visit = (field: string, number: number) => void;

/** What no double holds is the nearest one; -0 is 0. */
function numberOf(value: JsonValue | undefined): number | undefined {
  if (typeof value === 'number') return value + 0;
  return value instanceof JsonNumber ? finite(Number(value.source)) + 0 : undefined;
}

/** Visits each field that is a number, of those asked for, once. */
export function visitNumbers(value: JsonValue, fields: readonly string[] | undefined, visit: Visit): void {
  const bare = numberOf(value);
  if (bare !== undefined) {
    if (!fields || fields.includes(BARE)) visit(BARE, bare);
  } else if (hasFields(value)) {
    if (fields) visitNamed(value, fields, visit);
    else if (hasDottedName(value)) visitNamed(value, namesIn(value), visit);
    else visitLeaves(value, '', visit);
  }
}

function visitNamed(value: JsonValue, names: Iterable<string>, visit: Visit): void {
  for (const name of names) {
    const number = numberOf(fieldOf(value, name));
    if (number !== undefined) visit(name, number);
  }
}

/** Only where a member's own name has a dot can two leaves have the same name. */
function hasDottedName(value: { [key: string]: JsonValue }): boolean {
  for (const key of Object.keys(value)) {
    if (key.includes('.')) return true;
    const member = value[key] as JsonValue;
    if (hasFields(member) && hasDottedName(member)) return true;
  }
  return false;
}

function namesIn(value: { [key: string]: JsonValue }): Set<string> {
  const names = new Set<string>();
  visitLeaves(value, '', (name) => names.add(name));
  return names;
}

function visitLeaves(value: { [key: string]: JsonValue }, prefix: string, visit: Visit): void {
  for (const key of Object.keys(value)) {
    const member = value[key] as JsonValue;
    const number = numberOf(member);
    if (number !== undefined) visit(prefix + key, number);
    else if (hasFields(member)) visitLeaves(member, `${prefix}${key}.`, visit);
  }
}
