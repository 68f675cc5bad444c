/**
 * The clock of a time zone, as Intl knows it, asked rarely: once per day, and some thirty times more on a day on which the clock
 * changes. Offsets of half an hour, of seconds (Liberia before 1972) and skipped days (Samoa, 2011) are as Intl says. Pure.
 */
export const DAY_MS = 86_400_000;

/** A time during which local time is UTC plus `offset`, all in ms; at most a UTC day long. */
export interface Span {
  readonly from: number;
  /** Exclusive. */
  readonly to: number;
  readonly offset: number;
}

export interface Zone {
  spanAt(at: number): Span;
  /** The first instant at which the local clock shows this time, or has jumped over it. */
  firstAt(local: number): number;
}

/** Throws a RangeError for a zone that this runtime doesn't know. `offsetOf` stands for Intl in tests that count its calls. */
export function zoneOf(timeZone: string, offsetOf: (at: number) => number = offsetsOf(timeZone)): Zone {
  const starts = new Map<number, number>();
  const days = new Map<number, readonly Span[]>();

  function offsetAtStart(day: number): number {
    const offset = starts.get(day) ?? offsetOf(day * DAY_MS);
    starts.set(day, offset);
    return offset;
  }

  /** No zone changes its clock twice within a day of UTC. */
  function spansOf(day: number): readonly Span[] {
    const [from, to] = [day * DAY_MS, (day + 1) * DAY_MS];
    const [offset, later] = [offsetAtStart(day), offsetAtStart(day + 1)];
    if (offset === later) return [{ from, to, offset }];
    let [before, change] = [from, to];
    while (change - before > 1000) {
      const middle = before + Math.floor((change - before) / 2000) * 1000;
      if (offsetOf(middle) === offset) before = middle;
      else change = middle;
    }
    return [
      { from, to: change, offset },
      { from: change, to, offset: later },
    ].filter((span) => span.from < span.to);
  }

  function spanAt(at: number): Span {
    const day = Math.floor(at / DAY_MS);
    let spans = days.get(day);
    if (!spans) {
      spans = spansOf(day);
      days.set(day, spans);
    }
    const [first, second] = spans as [Span, Span | undefined];
    return second && at >= second.from ? second : first;
  }

  return {
    spanAt,
    firstAt(local) {
      // No offset is as large as a day.
      for (let span = spanAt(local - DAY_MS); ; span = spanAt(span.to)) {
        const at = Math.max(span.from, local - span.offset);
        if (at < span.to) return at;
      }
    },
  };
}

const SHOWN = /^(\d+)\/(\d+)\/(\d+), (\d+):(\d+):(\d+)$/;

function offsetsOf(timeZone: string) {
  const part = 'numeric';
  const format = new Intl.DateTimeFormat('en-US', {
    timeZone,
    hourCycle: 'h23',
    year: part,
    month: part,
    day: part,
    hour: part,
    minute: part,
    second: part,
  });
  return (at: number): number => {
    const [, month = 0, day = 0, year = 0, ...time] = SHOWN.exec(format.format(at))?.map(Number) ?? [];
    const [hour, minute, second] = time;
    return Date.UTC(year, month - 1, day, hour, minute, second) - Math.floor(at / 1000) * 1000;
  };
}
