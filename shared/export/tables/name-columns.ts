/**
 * Names for columns, so that no two are the same: a dotted path is ambiguous (`{"a.b": 1}`, `{"a": {"b": 1}}`), and DuckDB and
 * others compare names without regard to case. Pure.
 *
 * Whoever comes first by name keeps it, a shorter path before a longer one; the others, and reserved names, get as many `_` as
 * make them unique. So a member `ts` is the column `ts_`.
 */
import type { Column, UnnamedColumn } from './column.ts';

/**
 * The columns that every table has, in lower case; the name that `value` takes in Parquet (see `parquet-table.ts`); and the
 * empty name, which readers replace by one of their own.
 */
const RESERVED = ['ts', 'receivedat', 'device', 'stream', 'value_', ''];

/** Names the columns and sorts them by name (UTF-16 units). */
export function nameColumns(found: readonly UnnamedColumn[]): Column[] {
  const wished = found.map((column) => ({ ...column, name: wishedName(column.path) })).sort(byWish);
  const taken = new Set(RESERVED);
  const late: Column[] = [];
  const named: Column[] = [];
  for (const column of wished) {
    const key = column.name.toLowerCase();
    (taken.has(key) ? late : named).push(column);
    taken.add(key);
  }
  for (const column of late) {
    let { name } = column;
    while (taken.has(name.toLowerCase())) name += '_';
    taken.add(name.toLowerCase());
    named.push({ ...column, name });
  }
  return named.sort((a, b) => compare(a.name, b.name));
}

/** Lone surrogates, which no UTF-8 holds, become U+FFFD here, where names that meet so are still told apart. */
const wishedName = (path: readonly string[]) => (path.length === 0 ? 'value' : path.join('.').toWellFormed());

const byWish = (a: Column, b: Column) =>
  compare(a.name, b.name) || a.path.length - b.path.length || compare(JSON.stringify(a.path), JSON.stringify(b.path));

const compare = (a: string, b: string) => (a < b ? -1 : a > b ? 1 : 0);
