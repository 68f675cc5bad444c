/**
 * The intervals of an aggregation: every instant is in exactly one, and they follow the clock of a time zone. Pure.
 *
 * - *Days and weeks* begin at local midnight, or, where the clock jumps over it, when it has; `n` days are counted from 1 January
 *   1970, `n` weeks from Monday, 29 December 1969. So a day across a change of the clock has 23 or 25 hours.
 * - *Hours, minutes and seconds* begin whenever the local clock shows a multiple of the step, counted from local midnight (so what
 *   doesn't divide a day ends with it), or jumps into another one. So `1h` begins on local full hours, an hour that the clock
 *   repeats is there twice, and `6h` begins at 0, 6, 12 and 18 o'clock on every day of the year.
 */
import type { Every } from './every.ts';
import { DAY_MS, type Zone, zoneOf } from './zone.ts';

export interface Interval {
  readonly from: number;
  /** Exclusive. */
  readonly to: number;
}

export type IntervalAt = (at: number) => Interval;

/** Throws a RangeError for a zone that this runtime doesn't know. */
export function intervalsOf(every: Every, timeZone: string): IntervalAt {
  const zone = zoneOf(timeZone);
  return every.kind === 'days' ? daysOf(zone, every) : stepsOf(zone, every.step);
}

const modulo = (number: number, by: number) => ((number % by) + by) % by;

function daysOf(zone: Zone, { days, anchor }: Extract<Every, { kind: 'days' }>): IntervalAt {
  const startOf = (day: number) => zone.firstAt(day * DAY_MS);
  return (at) => {
    let day = Math.floor((at + zone.spanAt(at).offset) / DAY_MS);
    // A clock that is put back across midnight shows the day before again: the day goes on.
    if (at >= startOf(day + 1)) day += 1;
    const first = day - modulo(day - anchor, days);
    return { from: startOf(first), to: startOf(first + days) };
  };
}

function stepsOf(zone: Zone, step: number): IntervalAt {
  /** The local time at which the step began that holds this local time. */
  const slotOf = (local: number) => {
    const ofDay = modulo(local, DAY_MS);
    return local - ofDay + Math.floor(ofDay / step) * step;
  };
  /** Whether one interval lies on both sides of an instant. */
  const goesOn = (at: number) => {
    const local = at + zone.spanAt(at).offset;
    const slot = slotOf(local);
    return slot !== local && slot === slotOf(at - 1 + zone.spanAt(at - 1).offset);
  };
  return (at) => {
    let first = zone.spanAt(at);
    let last = first;
    const slot = slotOf(at + first.offset);
    const next = Math.min(slot + step, slot - modulo(slot, DAY_MS) + DAY_MS);
    while (slot - first.offset < first.from && goesOn(first.from)) first = zone.spanAt(first.from - 1);
    while (next - last.offset >= last.to && goesOn(last.to)) last = zone.spanAt(last.to);
    return { from: Math.max(slot - first.offset, first.from), to: Math.min(next - last.offset, last.to) };
  };
}
