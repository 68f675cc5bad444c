import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { parseEvery } from '../../../../shared/readings/aggregate/every.ts';
import { type Interval, intervalsOf } from '../../../../shared/readings/aggregate/intervals.ts';
import { zoneOf } from '../../../../shared/readings/aggregate/zone.ts';

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;

function intervals(every: string, timeZone: string) {
  const parsed = parseEvery(every);
  if (!parsed) throw new Error(`${every} is no interval`);
  return intervalsOf(parsed, timeZone);
}

/** So many intervals from an instant on, by the lengths of all and the beginning of the first. */
function run(every: string, timeZone: string, from: string, count: number) {
  const intervalAt = intervals(every, timeZone);
  const found: Interval[] = [];
  for (let at = Date.parse(from); found.length < count; at = found.at(-1)?.to ?? at) found.push(intervalAt(at));
  const [first] = found as [Interval];
  expect(found.slice(1).map(({ from: start }) => start)).toEqual(found.slice(0, -1).map(({ to }) => to));
  return [new Date(first.from).toISOString(), ...found.map(({ from: start, to }) => (to - start) / MINUTE)];
}

describe('an interval', () => {
  it.each([
    // Spring and autumn in Europe: 23 and 25 hours.
    ['1d', 'Europe/Madrid', '2026-03-28T12:00Z', '2026-03-27T23:00', [1440, 1380, 1440]],
    ['1d', 'Europe/Madrid', '2026-10-24T12:00Z', '2026-10-23T22:00', [1440, 1500, 1440]],
    ['1h', 'Europe/Madrid', '2026-03-29T00:10Z', '2026-03-29T00:00', [60, 60, 60]],
    ['1h', 'Europe/Madrid', '2026-10-25T00:10Z', '2026-10-25T00:00', [60, 60, 60]],
    ['6h', 'Europe/Madrid', '2026-03-29T01:30Z', '2026-03-28T23:00', [300, 360, 360, 360, 360]],
    ['6h', 'Europe/Madrid', '2026-10-25T01:30Z', '2026-10-24T22:00', [420, 360, 360, 360, 360]],
    // The clock shows 2:00 twice, or never: a row begins at both, or where the clock has jumped over it.
    ['2h', 'Europe/Madrid', '2026-10-24T22:00Z', '2026-10-24T22:00', [120, 60, 120]],
    ['2h', 'Europe/Madrid', '2026-03-28T23:30Z', '2026-03-28T23:00', [120, 60, 120]],
    ['1w', 'Europe/Madrid', '2026-03-26T00:00Z', '2026-03-22T23:00', [7 * 1440 - 60, 7 * 1440]],
    ['2w', 'UTC', '1970-01-01T00:00Z', '1969-12-29T00:00', [14 * 1440, 14 * 1440]],
    ['3d', 'UTC', '1970-01-02T00:00Z', '1970-01-01T00:00', [3 * 1440, 3 * 1440]],
    // Offsets that are no whole hours.
    ['1h', 'Asia/Kolkata', '2026-05-01T10:00Z', '2026-05-01T09:30', [60, 60]],
    ['1d', 'Asia/Kolkata', '2026-05-01T10:00Z', '2026-04-30T18:30', [1440, 1440]],
    ['15m', 'Asia/Kathmandu', '2026-05-01T10:01Z', '2026-05-01T10:00', [15, 15]],
    ['1h', 'Asia/Kathmandu', '2026-05-01T10:01Z', '2026-05-01T09:15', [60, 60]],
    // Half an hour of summer time.
    ['1d', 'Australia/Lord_Howe', '2026-04-04T12:00Z', '2026-04-03T13:00', [1440, 1470, 1440]],
    ['1h', 'Australia/Lord_Howe', '2026-04-04T13:30Z', '2026-04-04T13:00', [60, 90, 60]],
    ['1h', 'Australia/Lord_Howe', '2026-10-03T14:00Z', '2026-10-03T13:30', [60, 60, 30, 60]],
    ['20m', 'Australia/Lord_Howe', '2026-04-04T14:55Z', '2026-04-04T14:40', [20, 10, 20]],
    // Changes of the clock at midnight: forward over it, back to it, back across it. Samoa left a day out.
    ['1d', 'America/Sao_Paulo', '2018-11-03T12:00Z', '2018-11-03T03:00', [1440, 1380, 1440]],
    ['1d', 'America/Havana', '2026-11-01T12:00Z', '2026-11-01T04:00', [1500, 1440]],
    ['1d', 'America/St_Johns', '2010-11-06T12:00Z', '2010-11-06T02:30', [1440, 1500, 1440]],
    ['1d', 'Pacific/Apia', '2011-12-29T12:00Z', '2011-12-29T10:00', [1440, 1440, 1440]],
    // What doesn't divide a day ends with it.
    ['7h', 'UTC', '2026-05-01T01:00Z', '2026-05-01T00:00', [420, 420, 420, 180, 420]],
    ['24h', 'Europe/Madrid', '2026-03-29T12:00Z', '2026-03-28T23:00', [1380, 1440]],
  ] as const)('of %s in %s at %s begins at %s', (every, timeZone, at, from, lengths) => {
    expect(run(every, timeZone, at, lengths.length)).toEqual([`${from}:00.000Z`, ...lengths]);
  });

  it.each([
    '',
    '1',
    'h',
    '0h',
    '01h',
    '1.5h',
    '-1h',
    '1H',
    '1M',
    '1y',
    '25h',
    '1441m',
    '86401s',
    '100000d',
    '1h1m',
    ' 1h',
  ])('is not made of %j', (text) => expect(parseEvery(text)).toBeUndefined());
});

/** Local times by Intl alone, asked at every step: slow, and nothing of ours. */
function wallClock(timeZone: string) {
  const format = new Intl.DateTimeFormat('en-GB', { timeZone, dateStyle: 'short', timeStyle: 'medium' });
  return (at: number) => {
    const [date = '', time = ''] = format.format(at).split(', ');
    const [hour = 0, minute = 0, second = 0] = time.split(':').map(Number);
    return { date, second: (hour * 60 + minute) * 60 + second };
  };
}

const CHANGES: readonly [timeZone: string, near: string][] = [
  ['Europe/Madrid', '2026-03-29T01:00Z'],
  ['Europe/Madrid', '2026-10-25T01:00Z'],
  ['Asia/Kolkata', '2026-06-01T00:00Z'],
  ['Asia/Kathmandu', '2026-06-01T00:00Z'],
  ['Australia/Lord_Howe', '2026-04-04T15:00Z'],
  ['Australia/Lord_Howe', '2026-10-03T15:30Z'],
  ['America/Sao_Paulo', '2018-11-04T03:00Z'],
  ['America/St_Johns', '2010-11-07T02:31Z'],
  ['America/Havana', '2026-11-01T05:00Z'],
  ['Africa/Casablanca', '2026-02-15T02:00Z'],
  ['Antarctica/Troll', '2026-03-29T01:00Z'],
  ['UTC', '2026-01-01T00:00Z'],
];

describe('intervals', () => {
  it('begin where the local clock shows a multiple of the step, or leaves one step for another', () => {
    const steps = fc.constantFrom(1, 5, 7, 10, 15, 20, 30, 45, 60, 90, 120, 180, 240, 360, 720, 1440);
    fc.assert(
      fc.property(
        fc.constantFrom(...CHANGES),
        steps,
        fc.integer({ min: -8 * 60, max: 8 * 60 }),
        ([timeZone, near], step, offset) => {
          const clock = wallClock(timeZone);
          const idOf = (at: number) => {
            const { date, second } = clock(at);
            return { id: `${date} ${Math.floor(second / (step * 60))}`, begins: second % (step * 60) === 0 };
          };
          const begins = (at: number) => idOf(at).begins || idOf(at).id !== idOf(at - 1).id;
          const at = Date.parse(near) + offset * MINUTE;
          let [from, to] = [at, at + MINUTE];
          while (!begins(from)) from -= MINUTE;
          while (!begins(to)) to += MINUTE;
          expect(intervals(`${step}m`, timeZone)(at)).toEqual({ from, to });
          expect(intervals(`${step}m`, timeZone)(at + MINUTE - 1)).toEqual({ from, to });
        },
      ),
      { numRuns: 150 },
    );
  });

  it('of days are the local dates', () => {
    fc.assert(
      fc.property(
        fc.constantFrom('Europe/Madrid', 'Asia/Kolkata', 'Australia/Lord_Howe', 'America/New_York', 'Africa/Cairo'),
        fc.integer({ min: Date.parse('2015-01-01T00:00Z'), max: Date.parse('2035-01-01T00:00Z') }),
        (timeZone, at) => {
          const clock = wallClock(timeZone);
          const { from, to } = intervals('1d', timeZone)(at);
          expect(from <= at && at < to).toBe(true);
          expect([clock(from).date, clock(to - 1).date]).toEqual([clock(at).date, clock(at).date]);
          expect(clock(from - 1).date === clock(at).date || clock(to).date === clock(at).date).toBe(false);
          const week = intervals('1w', timeZone)(at);
          const weekday = new Intl.DateTimeFormat('en', { timeZone, weekday: 'long' });
          expect([weekday.format(week.from), weekday.format(week.to - 1)]).toEqual(['Monday', 'Sunday']);
          expect(week.from <= from && to <= week.to && week.to - week.from <= 7 * DAY + HOUR).toBe(true);
        },
      ),
      { numRuns: 200 },
    );
  });

  it('cover all instants, each once', () => {
    const every = fc.constantFrom('1s', '90s', '7m', '1h', '5h', '1d', '3d', '2w');
    const at = fc.integer({ min: 0, max: Date.parse('2040-01-01T00:00Z') });
    fc.assert(
      fc.property(every, fc.constantFrom(...CHANGES), at, (text, [timeZone], instant) => {
        const intervalAt = intervals(text, timeZone);
        const found = intervalAt(instant);
        expect(found.from <= instant && instant < found.to).toBe(true);
        expect(intervalAt(found.from)).toEqual(found);
        expect(intervalAt(found.to - 1)).toEqual(found);
        expect(intervalAt(found.to).from).toBe(found.to);
        expect(intervalAt(found.from - 1).to).toBe(found.from);
      }),
      { numRuns: 300 },
    );
  });
});

describe('a zone', () => {
  it('asks for an offset about once a day, however many instants are asked for', () => {
    let asked = 0;
    const change = Date.parse('2026-03-29T01:00Z');
    const zone = zoneOf('Europe/Madrid', (at) => {
      asked += 1;
      return at < change ? HOUR : 2 * HOUR;
    });
    const start = Date.parse('2026-01-01T00:00Z');
    for (let at = start; at < start + 365 * DAY; at += 10 * MINUTE) zone.spanAt(at);
    expect(asked).toBeLessThan(365 + 40);
    expect(zone.spanAt(change)).toMatchObject({ from: change, offset: 2 * HOUR });
    expect(zone.spanAt(change - 1)).toMatchObject({ to: change, offset: HOUR });
  });

  it('that nobody knows is refused', () => {
    expect(() => zoneOf('Mars/Olympus')).toThrow(RangeError);
  });
});
