import fc from 'fast-check';
import { expect, test } from 'vitest';
import { parseTimetable } from '../../../infra/local/services/scheduler/expression/schedule-expression.ts';

/** The next runs after a moment. */
function runs(expression: string, after: string, count = 3, zone = 'UTC'): string[] {
  const timetable = parseTimetable(expression, zone);
  const found: string[] = [];
  for (let moment = Date.parse(after); found.length < count; ) {
    const next = timetable.next(moment, Date.parse(after));
    if (next === undefined) break;
    moment = next;
    found.push(new Date(next).toISOString().replace(/:00\.000Z$/, ''));
  }
  return found;
}

test('a rate counts from its anchor, in both directions', () => {
  const { next } = parseTimetable('rate(5 minutes)', 'UTC');
  const anchor = 1_000_000;
  expect(next(anchor - 1, anchor)).toBe(anchor);
  expect(next(anchor, anchor)).toBe(anchor + 300_000);
  expect(next(anchor + 299_999, anchor)).toBe(anchor + 300_000);
  expect(next(anchor + 10 * 300_000 + 7, anchor)).toBe(anchor + 11 * 300_000);
  expect(next(anchor - 700_000, anchor)).toBe(anchor - 600_000);
  expect(parseTimetable('rate(1 day)', 'UTC').next(0, 0)).toBe(86_400_000);
});

test.each([
  ['cron(0/15 * * * ? *)', '2026-01-01T00:00:00Z', ['2026-01-01T00:15', '2026-01-01T00:30', '2026-01-01T00:45']],
  ['cron(30 8,20 ? * MON-TUE *)', '2026-01-05T08:30:00Z', ['2026-01-05T20:30', '2026-01-06T08:30', '2026-01-06T20:30']],
  ['cron(0 0 31 * ? *)', '2026-02-01T00:00:00Z', ['2026-03-31T00:00', '2026-05-31T00:00', '2026-07-31T00:00']],
  ['cron(0 0 L * ? *)', '2027-12-31T00:00:00Z', ['2028-01-31T00:00', '2028-02-29T00:00', '2028-03-31T00:00']],
  ['cron(0 9 ? * 6L *)', '2026-01-01T00:00:00Z', ['2026-01-30T09:00', '2026-02-27T09:00', '2026-03-27T09:00']],
  ['cron(0 9 ? JAN,FEB TUE#2 *)', '2026-01-01T00:00:00Z', ['2026-01-13T09:00', '2026-02-10T09:00', '2027-01-12T09:00']],
  ['cron(0 0 29 2 ? 2026-2030)', '2026-01-01T00:00:00Z', ['2028-02-29T00:00']],
  ['cron(0 0 1 1 ? 2020)', '2026-01-01T00:00:00Z', []],
])('%s', (expression, after, expected) => {
  expect(runs(expression, after)).toEqual(expected);
});

test('a time that the change to summer time skips is skipped, one that is repeated runs once', () => {
  const berlin = (expression: string, after: string) => runs(expression, after, 3, 'Europe/Berlin');
  expect(berlin('cron(30 2 * * ? *)', '2026-03-28T00:00:00Z')).toEqual([
    '2026-03-28T01:30',
    '2026-03-30T00:30',
    '2026-03-31T00:30',
  ]);
  expect(berlin('cron(30 2 * * ? *)', '2026-10-24T22:00:00Z')).toEqual([
    '2026-10-25T00:30',
    '2026-10-26T01:30',
    '2026-10-27T01:30',
  ]);
  expect(berlin('at(2026-07-01T12:00:00)', '2026-01-01T00:00:00Z')).toEqual(['2026-07-01T10:00']);
  expect(berlin('at(2026-03-29T02:30:00)', '2026-01-01T00:00:00Z')).toEqual([]);
});

test('a run is always later, and shows the time that was asked for', () => {
  const zones = ['Europe/Berlin', 'America/New_York', 'Australia/Lord_Howe', 'Asia/Kathmandu', 'UTC'];
  const moments = fc.integer({ min: Date.parse('2020-01-01'), max: Date.parse('2040-01-01') });
  fc.assert(
    fc.property(moments, fc.constantFrom(...zones), fc.nat(23), fc.nat(59), (moment, zone, hour, minute) => {
      const next = parseTimetable(`cron(${minute} ${hour} * * ? *)`, zone).next(moment, 0) ?? 0;
      expect(next).toBeGreaterThan(moment);
      expect(next - moment).toBeLessThanOrEqual(50 * 3_600_000);
      const shown = new Intl.DateTimeFormat('en-GB', { timeZone: zone, hour: '2-digit', minute: '2-digit' }).format(
        next,
      );
      expect(shown).toBe(`${String(hour).padStart(2, '0')}:${String(minute).padStart(2, '0')}`);
    }),
    { numRuns: 60 },
  );
});

test.each([
  ['rate(0 minutes)', 'UTC'],
  ['rate(5 seconds)', 'UTC'],
  ['cron(0 0 * * *)', 'UTC'],
  ['cron(0 0 * * * *)', 'UTC'],
  ['cron(0 0 ? * ? *)', 'UTC'],
  ['cron(60 0 * * ? *)', 'UTC'],
  ['cron(0 0 15W * ? *)', 'UTC'],
  ['cron(0 5-1 * * ? *)', 'UTC'],
  ['cron(0 0 ? * FOO *)', 'UTC'],
  ['at(2026-13-01T00:00:00)', 'UTC'],
  ['at(tomorrow)', 'UTC'],
  ['every minute', 'UTC'],
  ['rate(1 minute)', 'Europe/Atlantis'],
])('%s in %s is refused', (expression, zone) => {
  expect(() => parseTimetable(expression, zone)).toThrow();
});
