/** Accounts drawn at random: things with all that people enter, readings of any JSON over days, streams and kinds of blocks. */
import fc from 'fast-check';
import { json } from '../readings/codec/arbitraries.ts';

const HOUR = 3_600_000;
const DAY = 24 * HOUR;
const text = fc.oneof(
  fc.string({ unit: 'grapheme', minLength: 1, maxLength: 20 }),
  fc.constantFrom('長'.repeat(1000), '😀'.repeat(1000), '__proto__', '"\\', 'a\u2028b', '\ud800', ' '),
);
const name = text.filter((chars) => !/\p{Cc}/u.test(chars));
const optional = <T>(value: fc.Arbitrary<T>) => fc.option(value, { nil: undefined });
const carried = fc.uniqueArray(fc.tuple(fc.stringMatching(/^[A-Za-z0-9][A-Za-z0-9._-]{0,20}$/), json), {
  maxLength: 3,
  selector: ([of]) => of,
});

const device = fc.record({
  name,
  description: optional(text),
  serialNumber: optional(fc.oneof(fc.string({ unit: 'grapheme', minLength: 1, maxLength: 30 }), fc.constant('S-1'))),
  carried,
});
const product = fc.record({
  name,
  description: optional(text),
  carried,
  devices: fc.array(device, { maxLength: 4 }),
});
/** `of`: which product or device its source names, as far as there are any; `gone`: one that was deleted. */
const bucket = fc.record({
  name,
  timeZone: optional(fc.constantFrom('Europe/Madrid', 'Asia/Kathmandu', 'UTC')),
  retentionDays: optional(fc.constantFrom(7, 365)),
  kind: fc.constantFrom('all', 'all', 'product', 'device', 'both', 'gone'),
  of: fc.nat(),
  stream: optional(fc.constantFrom('telemetry', 'events')),
});
const reading = fc.record({
  of: fc.nat(),
  stream: fc.constantFrom('telemetry', 'events', 'x:1'),
  /** Ms before now; the last lie beyond the shorter retention. */
  age: fc.oneof(fc.integer({ min: 1, max: 3 * DAY }), fc.constantFrom(DAY, 2 * HOUR, 9 * HOUR + 30 * 60_000, 20 * DAY)),
  /** Ms from the time that it is of to its arrival. */
  late: fc.constantFrom(0, 0, 1234, 5 * HOUR),
  value: json,
});

export const plan = fc.record({
  products: fc.array(product, { maxLength: 3 }),
  carried,
  buckets: fc.array(bucket, { maxLength: 4 }),
  readings: fc.array(reading, { maxLength: 25 }),
  /** An hour of so many readings has a block of its own. */
  dense: fc.constantFrom(0, 0, 130),
  /** Readings that arrived before then are merged; ms before now. */
  merged: optional(fc.constantFrom(0, DAY)),
});
export type Plan = typeof plan extends fc.Arbitrary<infer T> ? T : never;

/** A plan in which there is something of everything. */
export const FULL: Plan = {
  products: [
    {
      name: 'Thermometer',
      description: 'of the cellar',
      carried: [['site', { b: [1, null], a: -0 }]],
      devices: [
        {
          name: '長'.repeat(1000),
          description: undefined,
          serialNumber: '70-B3-D5-7E-D0-00-00-01',
          carried: [['a.b', 1]],
        },
        { name: 'two', description: 'x', serialNumber: undefined, carried: [] },
      ],
    },
    { name: 'Nothing', description: undefined, carried: [], devices: [] },
    {
      name: 'Many',
      description: undefined,
      carried: [],
      devices: Array.from({ length: 10 }, (_, i) => ({
        name: `d-${i}`,
        description: undefined,
        serialNumber: 'S-1',
        carried: [['n', i]],
      })),
    },
  ],
  carried: [['owner', { name: 'Ünï' }]],
  buckets: [
    { name: 'all', timeZone: 'Europe/Madrid', retentionDays: undefined, kind: 'all', of: 0, stream: undefined },
    { name: 'week', timeZone: undefined, retentionDays: 7, kind: 'product', of: 0, stream: undefined },
    { name: 'one', timeZone: undefined, retentionDays: undefined, kind: 'both', of: 0, stream: 'telemetry' },
    { name: 'dead', timeZone: undefined, retentionDays: undefined, kind: 'gone', of: 0, stream: undefined },
  ],
  readings: Array.from({ length: 12 }, (_, i) => ({
    of: i % 3,
    stream: i % 2 ? 'telemetry' : 'events',
    age: i === 0 ? 20 * DAY : i * 4 * HOUR + i,
    late: i % 3 ? 0 : 1234,
    value: i % 4 ? { t: i / 10 } : [i, 'x', { b: 1, a: -0 }],
  })),
  dense: 130,
  merged: DAY,
};

/** A little of everything. */
export const SMALL: Plan = {
  ...FULL,
  products: FULL.products.slice(0, 2),
  buckets: FULL.buckets.slice(0, 3),
  readings: FULL.readings.slice(1, 4),
  dense: 0,
  merged: 0,
};
