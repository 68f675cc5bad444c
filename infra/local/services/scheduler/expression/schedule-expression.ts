/** When a schedule runs: `rate(…)`, `cron(…)` or `at(…)`. */
import { type CronFields, parseCron } from './cron-fields.ts';
import { timeZone, type Zone } from './local-time.ts';

export interface Timetable {
  /**
   * The first time after `moment`; none if it never runs again. A rate counts from `anchor`, which itself counts: AWS runs a
   * rate-based schedule at once when it is made.
   */
  next(moment: number, anchor: number): number | undefined;
}

const UNITS: Readonly<Record<string, number>> = { minute: 60_000, hour: 3_600_000, day: 86_400_000 };
const DAY_MS = 86_400_000;
/** More than a clock ever jumps by a change of daylight saving time. */
const SKEW_MS = 3 * 3_600_000;

/** Throws an error that says what is wrong with it. */
export function parseTimetable(expression: string, zoneName: string): Timetable {
  const [, kind, inside = ''] = /^(rate|cron|at)\((.*)\)$/.exec(expression) ?? [];
  const zone = timeZone(zoneName);
  if (kind === 'rate') return rate(inside);
  if (kind === 'cron') return cron(parseCron(inside), zone);
  if (kind === 'at') return once(inside, zone);
  throw new Error(`${expression} is no schedule expression`);
}

function rate(inside: string): Timetable {
  const [, count, unit = ''] = /^([1-9]\d*) (minute|hour|day)s?$/.exec(inside) ?? [];
  const interval = Number(count) * (UNITS[unit] ?? Number.NaN);
  if (!Number.isFinite(interval)) throw new Error(`rate(${inside}): a number and minutes, hours or days are wanted`);
  return {
    next: (moment, anchor) => anchor + (Math.floor((moment - anchor) / interval) + 1) * interval,
  };
}

function once(inside: string, zone: Zone): Timetable {
  const local = /^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}$/.test(inside) ? Date.parse(`${inside}Z`) : Number.NaN;
  if (Number.isNaN(local)) throw new Error(`at(${inside}): yyyy-mm-ddThh:mm:ss is wanted`);
  const at = zone.momentOf(local);
  return { next: (moment) => (at !== undefined && at > moment ? at : undefined) };
}

/** A local time that a change of daylight saving time skips is skipped; one that it repeats counts once. As on AWS. */
function cron({ minutes, hours, runsOn, lastYear }: CronFields, zone: Zone): Timetable {
  return {
    next(moment) {
      const now = zone.localOf(moment);
      const end = Date.UTC(lastYear + 1, 0, 1);
      for (let day = now - (now % DAY_MS) - DAY_MS; day < end; day += DAY_MS) {
        if (!runsOn(new Date(day))) continue;
        for (const local of timesOf(day, hours, minutes)) {
          if (local < now - SKEW_MS) continue;
          const found = zone.momentOf(local);
          if (found !== undefined && found > moment) return found;
        }
      }
      return undefined;
    },
  };
}

function* timesOf(day: number, hours: readonly number[], minutes: readonly number[]) {
  for (const hour of hours) for (const minute of minutes) yield day + (hour * 60 + minute) * 60_000;
}
