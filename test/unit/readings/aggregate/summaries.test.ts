import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type StreamSummary, summariesServe, summariseDay } from '../../../../shared/readings/aggregate/day-summary.ts';
import { parseEvery } from '../../../../shared/readings/aggregate/every.ts';
import { intervalsOf } from '../../../../shared/readings/aggregate/intervals.ts';
import { decodeSummary, encodeSummary } from '../../../../shared/readings/aggregate/summary-codec.ts';
import { BlockError } from '../../../../shared/readings/codec/block.ts';
import { frame, unframe } from '../../../../shared/readings/codec/frame.ts';
import { DAY, groupsOf, HOUR, readings, START } from './model.ts';

const intervals = (every: string, timeZone: string) => {
  const parsed = parseEvery(every);
  if (!parsed) throw new Error(every);
  return intervalsOf(parsed, timeZone);
};

/** A day of telemetry: four numbers of one decimal and a state, every ten seconds. */
function telemetry(): readonly StreamSummary[] {
  const rows = Array.from({ length: 24 * 360 }, (_, i) => {
    const noise = (n: number) => ((Math.imul(i + 1, 2654435761 + n) >>> 8) % 100) / 100 - 0.5;
    const hour = i / 360;
    const round = (number: number) => Math.round(number * 10) / 10;
    return {
      ts: START + i * 10_000 + Math.round(noise(9) * 240),
      receivedAt: START,
      value: {
        temperature: round(20 + 6 * Math.sin(hour / 4) + noise(1)),
        humidity: round(55 - 9 * Math.sin(hour / 4) + 2 * noise(2)),
        pressure: round(1013 + hour / 8 + noise(3)),
        battery: round(90 - hour / 5 + noise(4) / 5),
        state: 'on',
      },
    };
  });
  return summariseDay('dev_a', START, [{ device: 'dev_a', stream: 'telemetry', buckets: [], rows }])?.streams ?? [];
}

describe('a day’s summary', () => {
  it('comes back as it was written, and is the same for the same readings in any order', () => {
    fc.assert(
      fc.property(readings, (all) => {
        const day = all.filter(({ ts }) => ts < START + DAY);
        const summary = summariseDay('dev_a', START, groupsOf(day));
        if (!summary) throw new Error('Too many fields');
        expect(decodeSummary(encodeSummary(summary.streams))).toEqual(summary.streams);
        expect(summariseDay('dev_a', START, groupsOf(day.toReversed()))).toEqual(summary);
      }),
      { numRuns: 300 },
    );
  });

  it('takes little more than half a kilobyte for four fields', () => {
    const streams = telemetry();
    const bytes = encodeSummary(streams);
    expect(streams[0]?.fields.map(({ hours }) => hours.length)).toEqual([24, 24, 24, 24]);
    expect(bytes.length).toBeLessThan(700);
    expect(decodeSummary(bytes)).toEqual(streams);
  });

  it('holds what the hours add, and nothing of hours, fields and streams without a number', () => {
    const reading = (at: number, stream: string, value: number | string) => ({
      ts: START + at,
      device: 'dev_a',
      stream,
      value: { n: value, s: 'x' },
    });
    const all = [reading(0, 's', 0.1), reading(HOUR - 1, 's', 0.2), reading(5 * HOUR, 's', 7), reading(1, 't', 'x')];
    const summary = summariseDay(
      'dev_a',
      START,
      groupsOf([...all, ...all, { ...reading(1, 's', 9), device: 'dev_b' }]),
    );
    const seven = { count: 1, min: 7, max: 7, sum: 7, first: 7, last: 7 };
    expect(summary).toEqual({
      device: 'dev_a',
      day: START,
      streams: [
        {
          stream: 's',
          fields: [
            {
              field: 'n',
              hours: [
                { hour: 0, stats: { count: 2, min: 0.1, max: 0.2, sum: 0.3, first: 0.1, last: 0.2 } },
                { hour: 5, stats: seven },
              ],
            },
          ],
        },
      ],
    });
  });

  it('is none where a stream has too many fields, in one hour or in all together', () => {
    const reading = (hour: number, from: number) => ({
      ts: START + hour * HOUR,
      device: 'dev_a',
      stream: 's',
      value: Object.fromEntries(Array.from({ length: 600 }, (_, i) => [`f${from + i}`, i])),
    });
    expect(summariseDay('dev_a', START, groupsOf([reading(0, 0), reading(1, 0)]))?.streams[0]?.fields).toHaveLength(
      600,
    );
    expect(summariseDay('dev_a', START, groupsOf([reading(0, 0), reading(0, 600)]))).toBeUndefined();
    expect(summariseDay('dev_a', START, groupsOf([reading(0, 0), reading(1, 600)]))).toBeUndefined();
    const long = { ts: START, device: 'dev_a', stream: 's', value: { ['x'.repeat(300_000)]: 1 } };
    expect(summariseDay('dev_a', START, groupsOf([long]))).toBeUndefined();
  });

  it('is made of no reading of another day', () => {
    const reading = { ts: START + DAY, device: 'dev_a', stream: 's', value: 1 };
    expect(() => summariseDay('dev_a', START, groupsOf([reading]))).toThrow(RangeError);
  });

  it('of version 1 is still read, and still written', () => {
    const body = VERSION_1.replaceAll(' ', '');
    const streams = decodeSummary(frame(Buffer.from(body, 'hex'), false));
    expect(streams).toEqual([
      {
        stream: 's',
        fields: [
          {
            field: 'n',
            hours: [
              { hour: 0, stats: { count: 2, min: 0.1, max: 0.2, sum: 0.3, first: 0.1, last: 0.2 } },
              { hour: 23, stats: { count: 1, min: -7, max: -7, sum: -7, first: -7, last: -7 } },
            ],
          },
        ],
      },
    ]);
    expect(Buffer.from(unframe(encodeSummary(streams))).toString('hex')).toBe(body);
  });

  it('that is damaged, or of a later version, is an error that says so', () => {
    const failure = (bytes: Uint8Array) => {
      try {
        decodeSummary(bytes);
      } catch (error) {
        if (error instanceof BlockError) return error.code;
        throw error;
      }
      return 'none';
    };
    const body = unframe(encodeSummary(telemetry()));
    expect(failure(frame(Uint8Array.of(2, ...body.subarray(1)), false))).toBe('unknown-version');
    expect(failure(new Uint8Array())).toBe('corrupt');
    for (let cut = 0; cut < body.length; cut += 3)
      expect([cut, failure(frame(body.subarray(0, cut), false))]).toEqual([cut, 'corrupt']);
    // Another byte may mean another summary, but never another error.
    for (let at = 1; at < body.length; at++) {
      const changed = body.slice();
      changed[at] = 255 - (changed[at] as number);
      expect(['none', 'corrupt']).toContain(failure(frame(changed, false)));
    }
  });
});

describe('summaries serve', () => {
  it.each([
    ['1h', 'UTC', {}, 'all'],
    ['1h', 'Europe/Madrid', {}, 'all'],
    ['6h', 'Europe/Madrid', {}, 'all'],
    ['1d', 'Europe/Madrid', {}, 'all'],
    ['1w', 'America/New_York', {}, 'all'],
    ['1h', 'Asia/Kolkata', {}, 'none'],
    ['1d', 'Asia/Kathmandu', {}, 'none'],
    ['15m', 'UTC', {}, 'none'],
    ['1s', 'UTC', {}, 'none'],
    ['90m', 'UTC', {}, 'none'],
    // Weeks begin on Monday, which in Kolkata is within a Sunday of UTC.
    ['1w', 'Asia/Kolkata', {}, 'all but Sunday'],
    // In Lord Howe, the offset is whole hours in summer.
    ['1d', 'Australia/Lord_Howe', {}, 'all'],
    ['1d', 'UTC', { from: START + DAY + HOUR, to: START + 2 * DAY + 5 * HOUR }, 'all'],
    ['1d', 'UTC', { from: START + 1 }, 'all but Saturday'],
    ['1d', 'UTC', { to: START + DAY + 1 }, 'all but Sunday'],
    ['1d', 'UTC', { from: START, to: START + DAY }, 'all'],
  ])('%s in %s, %j: %s', (every, timeZone, range, expected) => {
    const intervalAt = intervals(every, timeZone);
    const days = { Saturday: START, Sunday: START + DAY, Monday: START + 2 * DAY };
    const not = Object.entries(days).flatMap(([name, day]) => (summariesServe(intervalAt, range, day) ? [] : [name]));
    expect(not.length === 3 ? 'none' : not.length === 0 ? 'all' : `all but ${not.join(' and ')}`).toBe(expected);
  });
});

const VERSION_1 =
  '01 01 01 00 01 73 01 01 00 01 6e 81808004 00 0402 0401 0002 8b01 0401 0004 8b01 0401 0002 8b01 0401 0004 8b01 0401 0006 8b01';
