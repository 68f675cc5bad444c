// Any JSON value, weighted towards what breaks codecs, and any groups of readings.

import { inspect } from 'node:util';
import fc from 'fast-check';
import { JsonNumber, type JsonValue } from '../../../../shared/platform/json-value.ts';
import type { Group } from '../../../../shared/readings/codec/block.ts';

export const RUNS = { numRuns: Number(process.env.CUSTODIA_RUNS ?? 200) };

/** Tells everything apart that may differ: -0, order of keys, lone surrogates, prototypes, a JsonNumber's source. */
export function shown(value: unknown): string {
  const all = Number.POSITIVE_INFINITY;
  return inspect(value, { depth: all, maxArrayLength: all, maxStringLength: all, breakLength: all });
}

const string = fc.oneof(
  fc.string({ unit: 'grapheme', maxLength: 12 }),
  fc.string({ unit: 'binary', maxLength: 8 }),
  fc.constantFrom('', '__proto__', 'constructor', 'toJSON', '\ud83d', '\ude00', '\u0000', '"\\', 'é\u0301', '10', '9'),
);

const sentNumber = fc
  .constantFrom('9007199254740993', '-9007199254740993', '0.1234567890123456789', '1e400', '-1E-400', '1.2345e-320')
  .map((source) => new JsonNumber(source));

const number = fc.oneof(
  fc.double({ noNaN: true, noDefaultInfinity: true }),
  fc.integer(),
  fc.maxSafeInteger(),
  fc.integer({ min: -5000, max: 5000 }).map((n) => n / 100),
  fc.constantFrom(0, -0, 1e308, -1e308, 5e-324, 0.1 + 0.2, 1e21, 1e-7, 2 ** 53, Number.MAX_SAFE_INTEGER),
);

const scalar: fc.Arbitrary<JsonValue> = fc.oneof(fc.constant(null), fc.boolean(), number, string, sentNumber);

/** Objects are made from entries, so that `__proto__` becomes a field and keys come in any order. */
function objectOf(value: fc.Arbitrary<JsonValue>): fc.Arbitrary<JsonValue> {
  return fc.array(fc.tuple(string, value), { maxLength: 4 }).map((entries) => Object.fromEntries(entries));
}

export const json: fc.Arbitrary<JsonValue> = fc.letrec<{ value: JsonValue }>((tie) => ({
  value: fc.oneof(
    { depthSize: 'small', withCrossShrink: true },
    scalar,
    fc.array(tie('value'), { maxLength: 4 }),
    objectOf(tie('value')),
  ),
})).value;

const telemetry: fc.Arbitrary<JsonValue> = fc.record(
  {
    temperature: fc.oneof(number, fc.constant(null), sentNumber),
    battery: fc.integer({ min: 0, max: 100 }),
    state: fc.constantFrom('on', 'off'),
    position: fc.array(number, { maxLength: 2 }),
  },
  { requiredKeys: ['battery'], noNullPrototype: true },
);

const time = fc.oneof(
  fc.integer({ min: 1_700_000_000_000, max: 1_700_000_005_000 }),
  fc.constantFrom(0, -1, 1_700_000_000_000, Number.MAX_SAFE_INTEGER, Number.MIN_SAFE_INTEGER),
  fc.maxSafeInteger(),
);

const row = fc.record(
  { ts: time, receivedAt: time, value: fc.oneof(json, telemetry, telemetry) },
  { noNullPrototype: true },
);

/** Rows as devices send them: steady, with a jitter. */
const steadyRows = fc
  .tuple(
    time.filter((t) => Math.abs(t) < 2 ** 50),
    fc.array(fc.tuple(fc.integer({ min: -50, max: 50 }), telemetry)),
  )
  .map(([start, samples]) =>
    samples.map(([jitter, value], i) => ({ ts: start + i * 1000 + jitter, receivedAt: start + i * 1001 + 60, value })),
  );

export const groups: fc.Arbitrary<Group[]> = fc.array(
  fc.record(
    {
      device: fc.oneof(fc.constantFrom('dev_a', 'dev_b'), string),
      stream: fc.oneof(fc.constant('telemetry'), string),
      buckets: fc.array(fc.oneof(fc.constantFrom('bkt_a', 'bkt_b'), string), { maxLength: 3 }),
      rows: fc.oneof(fc.array(row, { maxLength: 8 }), steadyRows),
    },
    { noNullPrototype: true },
  ),
  { maxLength: 5 },
);
