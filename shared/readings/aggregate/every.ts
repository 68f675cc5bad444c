/** `every=15m`: how long the intervals of an aggregation are. Pure. */
import { DAY_MS } from './zone.ts';

/** Steps of the clock, counted from local midnight; or whole local days, counted from a day (since 1 January 1970). */
export type Every =
  | { readonly kind: 'clock'; readonly step: number }
  | { readonly kind: 'days'; readonly days: number; readonly anchor: number };

const EVERY = /^([1-9]\d{0,4})([smhdw])$/;
const STEPS = { s: 1000, m: 60_000, h: 3_600_000 };
/** 29 December 1969 was a Monday. */
const MONDAY = -3;

/** `undefined` for what is none, and for steps of the clock beyond 24 hours: those are days. */
export function parseEvery(text: string): Every | undefined {
  const [, count = '', unit = ''] = EVERY.exec(text) ?? [];
  if (unit === 'd') return { kind: 'days', days: Number(count), anchor: 0 };
  if (unit === 'w') return { kind: 'days', days: 7 * Number(count), anchor: MONDAY };
  if (unit !== 's' && unit !== 'm' && unit !== 'h') return undefined;
  const step = Number(count) * STEPS[unit];
  return step <= DAY_MS ? { kind: 'clock', step } : undefined;
}
