/** Civil time of a time zone. A local time is written as the epoch milliseconds that it would be in UTC. */

const DAY_MS = 86_400_000;

export interface Zone {
  /** What its clocks show at a moment. */
  localOf(moment: number): number;
  /** The first moment at which its clocks show a time; none if they skip it. */
  momentOf(local: number): number | undefined;
}

/** Throws a `RangeError` for a name that the IANA database doesn't have. */
export function timeZone(name: string): Zone {
  const format = new Intl.DateTimeFormat('en-US', {
    timeZone: name,
    hourCycle: 'h23',
    year: 'numeric',
    month: 'numeric',
    day: 'numeric',
    hour: 'numeric',
    minute: 'numeric',
    second: 'numeric',
  });
  const localOf = (moment: number): number => {
    const parts = new Map(format.formatToParts(moment).map(({ type, value }) => [type, Number(value)]));
    const part = (type: Intl.DateTimeFormatPartTypes) => parts.get(type) ?? 0;
    return Date.UTC(part('year'), part('month') - 1, part('day'), part('hour'), part('minute'), part('second'));
  };
  const offset = (moment: number) => localOf(moment) - Math.floor(moment / 1000) * 1000;
  return {
    localOf,
    momentOf(local) {
      // No zone changes its offset twice within a day: one of these two is in force at that time, if any is.
      const candidates = [local - offset(local - DAY_MS), local - offset(local + DAY_MS)];
      return candidates.toSorted((a, b) => a - b).find((moment) => localOf(moment) === local);
    },
  };
}
