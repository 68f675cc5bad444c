/** Readings in slices of an hour of UTC, one after the other in time: so that who merges several sources holds little of each. */
import type { Group, Row } from '../codec/block.ts';
import type { Order } from '../page-collector.ts';
import { HOUR_MS } from './spans.ts';

export interface HourSlice {
  /** Epoch ms of its beginning. */
  readonly hour: number;
  readonly groups: readonly Group[];
}

export interface TimeRange {
  /** Inclusive, epoch ms. */
  readonly from: number;
  /** Exclusive. */
  readonly to: number;
  readonly order: Order;
}

/** What lies in the range, by hour, in order. */
export function sliceByHour(groups: Iterable<Group>, { from, to, order }: TimeRange): HourSlice[] {
  const hours = new Map<number, Group[]>();
  for (const group of groups) {
    const own = new Map<number, Row[]>();
    for (const row of group.rows) {
      if (row.ts < from || row.ts >= to) continue;
      const hour = row.ts - (row.ts % HOUR_MS);
      const rows = own.get(hour);
      if (rows) rows.push(row);
      else own.set(hour, [row]);
    }
    for (const [hour, rows] of own) {
      const slice = hours.get(hour) ?? [];
      hours.set(hour, slice);
      slice.push({ ...group, rows });
    }
  }
  const slices = [...hours].map(([hour, found]) => ({ hour, groups: found }));
  return slices.sort((a, b) => (order === 'asc' ? a.hour - b.hour : b.hour - a.hour));
}

/** Two sources as one; of an hour that both have, one slice with all of it. */
export async function* mergeSlices(
  known: readonly HourSlice[],
  source: AsyncIterable<HourSlice>,
  order: Order,
): AsyncGenerator<HourSlice> {
  const sign = order === 'asc' ? 1 : -1;
  const waiting = known.values();
  let next = waiting.next();
  for await (const slice of source) {
    for (; !next.done && sign * (next.value.hour - slice.hour) < 0; next = waiting.next()) yield next.value;
    if (!next.done && next.value.hour === slice.hour) {
      yield { hour: slice.hour, groups: [...next.value.groups, ...slice.groups] };
      next = waiting.next();
    } else yield slice;
  }
  for (; !next.done; next = waiting.next()) yield next.value;
}
