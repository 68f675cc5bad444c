/**
 * A day of a device, summed up: for each stream and field what each hour of UTC adds. It serves an aggregation where every
 * interval ends on a whole hour of UTC within the day; else the day is read from its readings. Pure.
 */
import type { Group } from '../codec/block.ts';
import { distinctRows } from './distinct-rows.ts';
import { FieldTable, TooManyFields } from './field-table.ts';
import type { IntervalAt } from './intervals.ts';
import { visitNumbers } from './numbers-of.ts';
import type { HourStats } from './stats.ts';
import { DAY_MS } from './zone.ts';

export const HOUR_MS = 3_600_000;
export const HOURS = DAY_MS / HOUR_MS;

export interface FieldSummary {
  readonly field: string;
  /** In order of time; hours without a number are left out. `hour`: of the day, from 0. */
  readonly hours: readonly { readonly hour: number; readonly stats: HourStats }[];
}

export interface StreamSummary {
  readonly stream: string;
  readonly fields: readonly FieldSummary[];
}

export interface DaySummary {
  readonly device: string;
  /** Epoch ms of its beginning. */
  readonly day: number;
  readonly streams: readonly StreamSummary[];
}

/**
 * Sums up all readings of one device and day of UTC (`day`: epoch ms of its beginning). Equal readings give equal summaries.
 * `undefined` where a stream has more fields than a summary holds: such a day is read from its readings.
 */
export function summariseDay(device: string, day: number, groups: readonly Group[]): DaySummary | undefined {
  try {
    const streams = distinctRows(groups.filter((group) => group.device === device)).map(({ stream, rows }) => {
      const hours = Array.from({ length: HOURS }, () => new FieldTable());
      for (const { ts, value } of rows) {
        const table = hours[Math.floor((ts - day) / HOUR_MS)];
        if (!table) throw new RangeError('A reading of another day');
        visitNumbers(value, undefined, (field, number) => table.of(field).add(ts, number));
      }
      return { stream, fields: byField(hours) };
    });
    return { device, day, streams: streams.filter(({ fields }) => fields.length > 0).sort(byName) };
  } catch (error) {
    if (error instanceof TooManyFields) return undefined;
    throw error;
  }
}

const byName = (a: StreamSummary, b: StreamSummary) => (a.stream < b.stream ? -1 : 1);

function byField(tables: readonly FieldTable[]): FieldSummary[] {
  // Counts the fields of the day as those of an hour are counted.
  const all = new FieldTable();
  for (const table of tables) for (const [name] of table.entries()) all.of(name);
  const stats = tables.map((table) => new Map(table.entries()));
  return all.entries().map(([field]) => ({
    field,
    hours: stats.flatMap((fields, hour) => {
      const found = fields.get(field);
      return found ? [{ hour, stats: found.ofHour() }] : [];
    }),
  }));
}

/**
 * Whether the summary of a day (epoch ms of its beginning, UTC) serves: every interval that ends within it, and `from` and `to`
 * where they cut it, lie on a whole hour.
 */
export function summariesServe(
  intervalAt: IntervalAt,
  { from, to }: { from?: number | undefined; to?: number | undefined },
  day: number,
): boolean {
  const end = day + DAY_MS;
  const onTheHour = (at: number | undefined) => at === undefined || at <= day || at >= end || at % HOUR_MS === 0;
  if (!onTheHour(from) || !onTheHour(to)) return false;
  for (let cut = intervalAt(day).to; cut < end; cut = intervalAt(cut).to) if (!onTheHour(cut)) return false;
  return true;
}
