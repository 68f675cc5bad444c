/**
 * SenML (RFC 8428), its JSON representation: from a pack to resolved records. Pure; `now` is what relative times are relative to.
 * A record depends on the base fields before it, so that one bad record spoils its pack.
 */
import { isObject, JsonNumber, type JsonValue } from '../platform/json-value.ts';

/** A number as it was sent. */
type Numeric = number | JsonNumber;
type Entry = { readonly [label: string]: JsonValue };

export interface SenmlRecord {
  /** The base name in force; empty where there is none. */
  readonly baseName: string;
  /** The record's own name; empty where the base name says it all. */
  readonly ownName: string;
  /** Absent where there is a sum alone. Data (`vd`) stays base64url text. */
  readonly value?: JsonValue;
  readonly unit?: string;
  readonly sum?: Numeric;
  /** Epoch milliseconds, finer truncated; whatever the pack says, perhaps no date at all. */
  readonly at: number;
}

/** Why a pack is refused. Its words never quote the pack. */
export class SenmlError extends Error {
  constructor(index: number, what: string) {
    super(`Record ${index} (from 0) ${what}.`);
    this.name = 'SenmlError';
  }
}

const VALUES = ['v', 'vs', 'vb', 'vd'] as const;
const LABELS = new Set<string>([...VALUES, 'bn', 'bt', 'bu', 'bv', 'bs', 'bver', 'n', 'u', 's', 't', 'ut']);
/** The version that this parser knows. */
const VERSION = 10;
/** In seconds: less is relative to now, more is since 1970. */
const ABSOLUTE_FROM = 2 ** 28;
const NAME = /^[A-Za-z0-9][-A-Za-z0-9:./_]*$/;

/** Whether an array is a SenML pack: every record has only its labels, and one has a value or a sum. */
export const looksLikeSenml = (parsed: readonly JsonValue[]): boolean =>
  parsed.every((record) => isObject(record) && Object.keys(record).every((label) => LABELS.has(label))) &&
  parsed.some((record) => isObject(record) && [...VALUES, 's'].some((label) => Object.hasOwn(record, label)));

/** Throws a SenmlError for what is not valid. Unknown labels are passed over, but for those that end in `_`: they must be understood. */
export function parseSenml(pack: JsonValue, now: number): SenmlRecord[] {
  if (!Array.isArray(pack) || pack.length === 0) throw new SenmlError(0, 'is missing: a pack is an array of records');
  const base: Base = { name: '', time: 0, unit: undefined, value: undefined, sum: undefined, version: undefined };
  return pack.map((record, index) => {
    const refuse = (what: string): never => {
      throw new SenmlError(index, what);
    };
    if (!isObject(record)) return refuse('is not an object');
    if (Object.keys(record).some((label) => label.endsWith('_') && !LABELS.has(label)))
      return refuse('has a label that ends in _ and is not known here');
    const entry = fieldsOf(record, refuse);
    rebase(base, entry, refuse);
    return resolve(base, entry, now, refuse);
  });
}

type Refuse = (what: string) => never;

/** What base fields have said so far. */
interface Base {
  name: string;
  time: number;
  unit: string | undefined;
  value: Numeric | undefined;
  sum: Numeric | undefined;
  version: number | undefined;
}

/** The members of a record by their types. */
function fieldsOf(record: Entry, refuse: Refuse) {
  const member = (label: string) => (Object.hasOwn(record, label) ? record[label] : undefined);
  const text = (label: string): string | undefined => {
    const value = member(label);
    return value === undefined || typeof value === 'string' ? value : refuse(`has a ${label} that is no string`);
  };
  const number = (label: string): Numeric | undefined => {
    const value = member(label);
    if (value === undefined || typeof value === 'number' || value instanceof JsonNumber) return value;
    return refuse(`has a ${label} that is no number`);
  };
  const flag = (label: string): boolean | undefined => {
    const value = member(label);
    return value === undefined || typeof value === 'boolean' ? value : refuse(`has a ${label} that is no boolean`);
  };
  const own = VALUES.filter((label) => Object.hasOwn(record, label));
  if (own.length > 1) refuse('has more than one value');
  const data = text('vd');
  if (data !== undefined && (!/^[\w-]*$/.test(data) || data.length % 4 === 1)) refuse('has a vd that is no base64url');
  number('ut');
  return {
    bn: text('bn'),
    bt: number('bt'),
    bu: text('bu'),
    bv: number('bv'),
    bs: number('bs'),
    bver: number('bver'),
    n: text('n') ?? '',
    u: text('u'),
    t: number('t'),
    s: number('s'),
    v: number('v'),
    other: text('vs') ?? flag('vb') ?? data,
  };
}
type Fields = ReturnType<typeof fieldsOf>;

function rebase(base: Base, { bn, bt, bu, bv, bs, bver }: Fields, refuse: Refuse): void {
  if (bver !== undefined && !(typeof bver === 'number' && Number.isInteger(bver) && bver > 0))
    refuse('has a bver that is no positive integer');
  const version = bver === undefined ? (base.version ?? VERSION) : Number(bver);
  if (version > VERSION) refuse(`has a bver above ${VERSION}, the version known here`);
  if (base.version !== undefined && base.version !== version) refuse('has another bver than the records before it');
  base.version = version;
  base.name = bn ?? base.name;
  base.time = bt === undefined ? base.time : doubleOf(bt);
  base.unit = bu ?? base.unit;
  base.value = bv ?? base.value;
  base.sum = bs ?? base.sum;
}

function resolve(base: Base, { n, u, t, s, v, other }: Fields, now: number, refuse: Refuse): SenmlRecord {
  if (v === undefined && other === undefined && s === undefined) refuse('has neither a value nor a sum');
  if (!NAME.test(base.name + n))
    refuse('has no name, or one of other characters than letters, digits, and - : . / _ after the first');
  const value = v === undefined ? other : add(base.value, v, refuse);
  // Of base sum and sum, one that is missing counts as zero.
  const sum = add(base.sum, s, refuse);
  const unit = u ?? base.unit;
  return {
    baseName: base.name,
    ownName: n,
    at: epochMs(base.time + doubleOf(t ?? 0), now),
    ...(value === undefined ? {} : { value }),
    ...(unit === undefined ? {} : { unit }),
    ...(sum === undefined ? {} : { sum }),
  };
}

const doubleOf = (number: Numeric): number => (typeof number === 'number' ? number : Number(number.source));

/** A number that nothing is added to stays as it was sent. */
function add(base: Numeric | undefined, own: Numeric | undefined, refuse: Refuse): Numeric | undefined {
  if (base === undefined || base === 0) return own ?? base;
  if (own === undefined) return base;
  const sum = doubleOf(base) + doubleOf(own);
  return Number.isFinite(sum) ? sum : refuse('has a number beyond what can be added');
}

/** By way of microseconds, which a double of this size still tells apart: 1276020091.305 s are 1276020091305 ms, not one less. */
function epochMs(seconds: number, now: number): number {
  const ms = Math.floor(Math.round(seconds * 1e6) / 1e3);
  return seconds >= ABSOLUTE_FROM ? ms : now + ms;
}
