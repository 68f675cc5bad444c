// Row by row to column by column, and back. Rows whose values have the same keys in the same order share a *shape*; a key
// has one column for all shapes that have it. A value without fields is a shape too: one column that has no name.

import type { JsonValue } from '../../platform/json-value.ts';
import { corrupt } from './block-error.ts';
import { readTexts, writeTexts } from './strings.ts';
import { hasFields, readColumn, writeColumn } from './values.ts';
import type { ByteReader, ByteWriter } from './varint.ts';

/** Stands for the shape of a value without fields; any other is written as the number of its keys plus one. */
const BARE = 0;

export function writeValues(out: ByteWriter, values: readonly JsonValue[]): void {
  const { columns, bare, shapes, shapeOf } = split(values);
  const names = [...columns.keys()];
  const numberOf = new Map(names.map((name, number) => [name, number]));
  out.count(names.length);
  writeTexts(out, names);
  out.count(shapes.length);
  for (const { keys } of shapes) {
    out.count(keys === undefined ? BARE : keys.length + 1);
    for (const key of keys ?? []) out.count(numberOf.get(key) as number);
  }
  if (shapes.length > 1) for (const shape of shapeOf) out.count(shape);
  for (const column of columns.values()) writeColumn(out, column);
  if (bare.length > 0) writeColumn(out, bare);
}

interface WrittenShape {
  readonly index: number;
  readonly keys: readonly string[] | undefined;
  /** One for each key; for a bare value the nameless one. */
  readonly columns: readonly JsonValue[][];
}

function split(values: readonly JsonValue[]) {
  const columns = new Map<string, JsonValue[]>();
  const bare: JsonValue[] = [];
  const shapes: WrittenShape[] = [];
  const known = new Map<string, WrittenShape>();
  let last: WrittenShape | undefined;

  const shapeFor = (keys: readonly string[] | undefined): WrittenShape => {
    const name = JSON.stringify(keys ?? null);
    const found = known.get(name);
    if (found) return found;
    for (const key of keys ?? []) if (!columns.has(key)) columns.set(key, []);
    const own = keys ? keys.map((key) => columns.get(key) as JsonValue[]) : [bare];
    const shape = { index: shapes.length, keys, columns: own };
    shapes.push(shape);
    known.set(name, shape);
    return shape;
  };

  const shapeOf = values.map((value) => {
    const keys = hasFields(value) ? Object.keys(value) : undefined;
    if (last === undefined || !sameKeys(keys, last.keys)) last = shapeFor(keys);
    const { columns: own, index } = last;
    if (!hasFields(value) || !keys) own[0]?.push(value);
    else for (let i = 0; i < keys.length; i++) own[i]?.push(value[keys[i] as string] as JsonValue);
    return index;
  });
  return { columns, bare, shapes, shapeOf };
}

function sameKeys(a: readonly string[] | undefined, b: readonly string[] | undefined): boolean {
  if (a === undefined || b === undefined) return a === b;
  if (a.length !== b.length) return false;
  for (let i = 0; i < a.length; i++) if (a[i] !== b[i]) return false;
  return true;
}

export function readValues(from: ByteReader, count: number): JsonValue[] {
  const names = readTexts(from, from.size());
  const shapes = Array.from({ length: from.size() }, () => readShape(from, names.length));
  const shapeOf = readShapeOf(from, count, shapes.length);
  const columns = readColumns(from, names.length, shapes, shapeOf);
  const plans = shapes.map((shape) => planOf(shape, names, columns));
  const [first] = plans;
  if (plans.length === 1 && first?.keys && !first.hasProto) return buildAlike(first.keys, first.columns, count);
  const values = new Array<JsonValue>(count);
  for (let row = 0; row < count; row++) values[row] = buildNext(plans[shapeOf[row] as number] as Plan);
  return values;
}

function buildNext({ keys, columns, hasProto }: Plan): JsonValue {
  const fields = columns.map((column) => column.values[column.taken++] as JsonValue);
  if (keys === undefined) return fields[0] as JsonValue;
  const value: { [key: string]: JsonValue } = {};
  for (let i = 0; i < keys.length; i++) {
    if (hasProto) define(value, keys[i] as string, fields[i] as JsonValue);
    else value[keys[i] as string] = fields[i] as JsonValue;
  }
  return value;
}

/** The same for rows of one shape, the usual case: each column has a value in every row, and nothing is counted. */
function buildAlike(keys: readonly string[], columns: readonly Column[], count: number): JsonValue[] {
  const fields = columns.map((column) => column.values);
  const values = new Array<JsonValue>(count);
  for (let row = 0; row < count; row++) {
    const value: { [key: string]: JsonValue } = {};
    for (let i = 0; i < keys.length; i++)
      value[keys[i] as string] = (fields[i] as ArrayLike<JsonValue>)[row] as JsonValue;
    values[row] = value;
  }
  return values;
}

/** The columns of the shape's keys; `undefined` for a bare value. */
type ReadShape = readonly number[] | undefined;

function readShape(from: ByteReader, names: number): ReadShape {
  const size = from.count();
  if (size === BARE) return undefined;
  return Array.from({ length: from.available(size - 1) }, () => {
    const column = from.count();
    return column < names ? column : corrupt('a field without a name');
  });
}

function readShapeOf(from: ByteReader, count: number, shapes: number): Uint32Array {
  const shapeOf = new Uint32Array(count);
  if (shapes === 0 && count > 0) corrupt('values without a shape');
  if (shapes < 2) return shapeOf;
  from.available(count);
  for (let row = 0; row < count; row++) {
    const shape = from.count();
    shapeOf[row] = shape < shapes ? shape : corrupt('unknown shape');
  }
  return shapeOf;
}

interface Column {
  readonly values: ArrayLike<JsonValue>;
  /** Values taken so far: a column that several shapes share is read in the order of the rows. */
  taken: number;
}

/** The nameless column comes last. */
function readColumns(from: ByteReader, names: number, shapes: ReadShape[], shapeOf: Uint32Array): Column[] {
  const rowsOf = new Array<number>(shapes.length).fill(0);
  for (const shape of shapeOf) rowsOf[shape] = (rowsOf[shape] as number) + 1;
  const sizes = new Array<number>(names + 1).fill(0);
  shapes.forEach((shape, index) => {
    for (const column of shape ?? [names]) sizes[column] = (sizes[column] as number) + (rowsOf[index] as number);
  });
  return sizes.map((size, column) => {
    const values = size === 0 && column === names ? [] : readColumn(from, size);
    return { values, taken: 0 };
  });
}

interface Plan {
  readonly keys: readonly string[] | undefined;
  readonly columns: readonly Column[];
  /** Assigning to `__proto__` would set the prototype instead of a field. */
  readonly hasProto: boolean;
}

function planOf(shape: ReadShape, names: readonly string[], all: readonly Column[]): Plan {
  const keys = shape?.map((column) => names[column] as string);
  const columns = (shape ?? [names.length]).map((column) => all[column] as Column);
  return { keys, columns, hasProto: keys?.includes('__proto__') ?? false };
}

function define(object: object, key: string, value: JsonValue): void {
  Object.defineProperty(object, key, { value, writable: true, enumerable: true, configurable: true });
}
