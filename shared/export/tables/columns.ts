/**
 * Which columns the values of a bucket have, found in a first pass over its rows. Its memory is bounded by the limits below,
 * whatever the rows hold, and its state is plain JSON, so that a job may find them step by step.
 *
 * Every scalar has the column of its path; objects have none of their own, so where devices send both `a: 1` and `a: {"b": 2}`
 * there are the columns `a` and `a.b`. An array is one cell. `null` is absent, and so is an object without members.
 */
import { isObject, JsonNumber, type JsonValue } from '../../platform/json-value.ts';
import type { Column, ColumnType, UnnamedColumn } from './column.ts';
import { nameColumns } from './name-columns.ts';

/** More columns than these, or longer names, are a table that nobody reads, and no state to carry between steps. */
export const MAX_COLUMNS = 200;
/** Characters (UTF-16 units) of a dotted path. */
export const MAX_PATH = 200;

/** What a finder knows, as JSON; `undefined` columns: there were too many. */
export interface FoundColumns {
  readonly columns?: readonly UnnamedColumn[];
}

interface Node {
  type?: ColumnType;
  readonly members: Map<string, Node>;
}

export class ColumnFinder {
  /** Dropped when there are too many columns. */
  #root: Node | undefined = { members: new Map() };
  #count = 0;

  static from({ columns }: FoundColumns): ColumnFinder {
    const finder = new ColumnFinder();
    if (columns === undefined) finder.#root = undefined;
    for (const { path, type } of columns ?? []) {
      let node = finder.#root as Node;
      for (const name of path) node = memberOf(node, name);
      finder.#mark(node, type);
    }
    return finder;
  }

  see(value: JsonValue): void {
    if (this.#root) this.#walk(value, this.#root, -1);
  }

  /** Sorted by name; `undefined` when there are more than `MAX_COLUMNS`, or a path longer than `MAX_PATH`. */
  columns(): readonly Column[] | undefined {
    const { columns } = this.toJSON();
    return columns && nameColumns(columns);
  }

  toJSON(): FoundColumns {
    if (!this.#root) return {};
    const columns: UnnamedColumn[] = [];
    collect(this.#root, [], columns);
    return { columns };
  }

  /** `length`: of the dotted path to here; -1 at the root, which has no dot before its members. */
  #walk(value: JsonValue, node: Node, length: number): void {
    if (value === null) return;
    if (!isObject(value)) {
      if (length > MAX_PATH) this.#root = undefined;
      else this.#mark(node, typeOf(value));
      return;
    }
    for (const name of Object.keys(value)) {
      const member = value[name] as JsonValue;
      // What has no cell leaves no node, or names that come once would add up.
      if (node.members.has(name) || hasCell(member)) {
        this.#walk(member, memberOf(node, name), length + 1 + name.length);
        if (!this.#root) return;
      }
    }
  }

  #mark(node: Node, type: ColumnType): void {
    if (node.type === undefined) this.#count += 1;
    node.type = joined(node.type, type);
    if (this.#count > MAX_COLUMNS) this.#root = undefined;
  }
}

function memberOf(node: Node, name: string): Node {
  let member = node.members.get(name);
  if (!member) {
    member = { members: new Map() };
    node.members.set(name, member);
  }
  return member;
}

function collect(node: Node, path: readonly string[], into: UnnamedColumn[]): void {
  if (node.type !== undefined) into.push({ path, type: node.type });
  for (const [name, member] of node.members) collect(member, [...path, name], into);
}

const hasCell = (value: JsonValue): boolean =>
  isObject(value) ? Object.keys(value).some((name) => hasCell(value[name] as JsonValue)) : value !== null;

/** The type of a column that had this value alone. */
function typeOf(value: JsonValue): ColumnType {
  if (typeof value === 'number') return Number.isSafeInteger(value) ? 'integer' : 'number';
  if (value instanceof JsonNumber) return 'number';
  return typeof value === 'boolean' ? 'boolean' : typeof value === 'string' ? 'string' : 'json';
}

const isNumeric = (type: ColumnType) => type === 'integer' || type === 'number';

function joined(known: ColumnType | undefined, type: ColumnType): ColumnType {
  if (known === undefined || known === type) return type;
  return isNumeric(known) && isNumeric(type) ? 'number' : 'json';
}
