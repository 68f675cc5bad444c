/**
 * The rows of a page: one for each interval, device and stream that has a number. Takes readings and day summaries in any order,
 * lets go of what can't be on the page, and tells when what is to come can't be on it either, so that a second's rows of
 * ten years take the memory of a page. Pure.
 *
 * Order: the interval, device, stream. Equal readings must come in the same item; no reading may come in an item of readings and
 * in a summary.
 */
import type { Group } from '../codec/block.ts';
import { type Order, PAGE_BYTES } from '../page-collector.ts';
import { type DaySummary, HOUR_MS } from './day-summary.ts';
import { distinctRows, type Series } from './distinct-rows.ts';
import { FieldTable } from './field-table.ts';
import type { Interval, IntervalAt } from './intervals.ts';
import { visitNumbers } from './numbers-of.ts';

/** What a bucket holds of a device and day, either way; readings may also be of several. */
export type Item =
  | { readonly kind: 'rows'; readonly groups: readonly Group[] }
  | { readonly kind: 'summary'; readonly summary: DaySummary };

/** A place in the order. `from`: of the interval. */
export interface RowPosition {
  readonly from: number;
  readonly device: string;
  readonly stream: string;
}

export interface FoundRow extends RowPosition {
  readonly to: number;
  readonly fields: FieldTable;
}

export interface RowOptions {
  readonly intervalAt: IntervalAt;
  readonly order: Order;
  readonly limit: number;
  readonly after?: RowPosition | undefined;
  /** Only these. */
  readonly fields?: readonly string[] | undefined;
  /** Of a summary, only this stream and the hours from `from` (inclusive) to `to` (exclusive); readings come selected. */
  readonly stream?: string | undefined;
  readonly from?: number | undefined;
  readonly to?: number | undefined;
  /** Bytes of a row as it will be rendered. */
  readonly sizeOf: (row: FoundRow) => number;
}

const text = (a: string, b: string) => (a < b ? -1 : a > b ? 1 : 0);
const compare = (a: RowPosition, b: RowPosition) =>
  a.from - b.from || text(a.device, b.device) || text(a.stream, b.stream);

/** About what a field takes as it is rendered, and less than it takes in memory. */
const FIELD_BYTES = 64;
const bytesOf = ({ fields }: FoundRow) => fields.size * FIELD_BYTES + fields.nameLength;

export function rowCollector(options: RowOptions) {
  const { intervalAt, limit, after } = options;
  const sign = options.order === 'asc' ? 1 : -1;
  const asked = options.fields && new Set(options.fields);
  const { from = Number.NEGATIVE_INFINITY, to = Number.POSITIVE_INFINITY } = options;
  const kept = new Map<string, FoundRow>();
  let bytes = 0;
  /** Beyond it, nothing can be on the page. */
  let end: RowPosition | undefined;

  /** The row of an interval, empty if it is new; `undefined` if it can't be on the page. */
  function rowAt(interval: Interval, { device, stream }: { device: string; stream: string }): FoundRow | undefined {
    const place = { from: interval.from, device, stream };
    if (after && sign * compare(place, after) <= 0) return undefined;
    if (end && sign * compare(place, end) > 0) return undefined;
    return kept.get(keyOf(place)) ?? { ...place, to: interval.to, fields: new FieldTable() };
  }

  /** What is kept of the field. A row is kept from its first field on. */
  function statsOf(row: FoundRow, field: string) {
    const before = bytesOf(row);
    const stats = row.fields.of(field);
    const added = bytesOf(row) - before;
    if (added > 0) {
      if (before === 0) kept.set(keyOf(row), row);
      bytes += added;
    }
    return stats;
  }

  /** In order, without what can't be on the page. One more than the page tells that there is a next. */
  function settle(): FoundRow[] {
    const rows = [...kept.values()].sort((a, b) => sign * compare(a, b));
    let held = 0;
    const full = rows.findIndex((row) => {
      held += bytesOf(row);
      return held > PAGE_BYTES;
    });
    const size = Math.min(rows.length, limit + 1, full < 0 ? rows.length : full + 2);
    for (const row of rows.splice(size)) kept.delete(keyOf(row));
    bytes = rows.reduce((sum, row) => sum + bytesOf(row), 0);
    if (rows.length > limit || full >= 0) end = rows.at(-1);
    return rows;
  }

  const settleIfLarge = () => {
    if (kept.size >= 4 * (limit + 1) || bytes > 4 * PAGE_BYTES) settle();
  };

  function addSeries({ device, stream, rows }: Series): void {
    let interval: Interval | undefined;
    let row: FoundRow | undefined;
    for (const { ts, value } of rows) {
      if (!interval || ts < interval.from || ts >= interval.to) {
        settleIfLarge();
        interval = intervalAt(ts);
        row = rowAt(interval, { device, stream });
      }
      if (!row) continue;
      const found = row;
      visitNumbers(value, options.fields, (field, number) => statsOf(found, field).add(ts, number));
    }
  }

  function addSummary({ device, day, streams }: DaySummary): void {
    for (const { stream, fields } of streams) {
      if (options.stream !== undefined && stream !== options.stream) continue;
      for (const { field, hours } of fields) {
        if (asked && !asked.has(field)) continue;
        for (const { hour, stats } of hours) {
          const at = day + hour * HOUR_MS;
          const row = at >= from && at < to ? rowAt(intervalAt(at), { device, stream }) : undefined;
          if (row) statsOf(row, field).merge(at, stats);
        }
      }
      settleIfLarge();
    }
  }

  return {
    /** Throws TooManyFields. */
    add(item: Item): void {
      if (item.kind === 'summary') addSummary(item.summary);
      else for (const series of distinctRows(item.groups)) addSeries(series);
    },

    /** Whether nothing that lies at or after `bound` (asc), or before it (desc), can change the page. */
    isFull(bound: number): boolean {
      if (kept.size <= limit && bytes <= PAGE_BYTES) return false;
      const rows = settle();
      const last = rows.length > limit ? rows[limit - 1] : rows.at(-1);
      return last !== undefined && (sign > 0 ? last.to <= bound : last.from >= bound);
    },

    page(): { rows: FoundRow[]; next?: RowPosition } {
      const rows = settle();
      let [held, rendered, size] = [0, 0, 0];
      for (const row of rows.slice(0, limit)) {
        held += bytesOf(row);
        rendered += options.sizeOf(row);
        if (size > 0 && (held > PAGE_BYTES || rendered > PAGE_BYTES)) break;
        size += 1;
      }
      const last = rows[size - 1];
      if (size === rows.length || !last) return { rows };
      return { rows: rows.slice(0, size), next: { from: last.from, device: last.device, stream: last.stream } };
    },
  };
}

const keyOf = ({ from, device, stream }: RowPosition) => `${from} ${device} ${stream}`;
