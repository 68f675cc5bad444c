import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { JsonNumber, type JsonValue } from '../../../../shared/platform/json-value.ts';
import { type BlockFilter, decodeBlock, encodeBlock, type Group } from '../../../../shared/readings/codec/block.ts';
import { groups, RUNS, shown } from './arbitraries.ts';

const T = 1_700_000_000_123;

function group(values: readonly JsonValue[], device = 'dev_a'): Group {
  const rows = values.map((value, i) => ({ ts: T + i * 1000, receivedAt: T + i * 1000 + 150, value }));
  return { device, stream: 'telemetry', buckets: ['bkt_a'], rows };
}

function expectLossless(input: readonly Group[]): Uint8Array {
  const bytes = encodeBlock(input);
  expect(shown(decodeBlock(bytes))).toBe(shown(input));
  return bytes;
}

describe('a block', () => {
  it('gives any groups back as they were', () => {
    fc.assert(
      fc.property(groups, (input) => void expectLossless(input)),
      RUNS,
    );
  });

  it('is the same bytes when what it gave is written again', () => {
    fc.assert(
      fc.property(groups, (input) => {
        const bytes = encodeBlock(input);
        expect(Buffer.from(encodeBlock(decodeBlock(bytes))).equals(bytes)).toBe(true);
      }),
      RUNS,
    );
  });

  it('holds nothing, empty groups and empty values', () => {
    expectLossless([]);
    expectLossless([group([])]);
    expectLossless([group([{}])]);
    expectLossless([group([]), group([{}, {}]), group([[], '', {}])]);
    expectLossless([{ device: '', stream: '', buckets: [], rows: [] }]);
  });

  it('keeps equal times, their order, and times however far apart', () => {
    const at = (ts: number, receivedAt: number) => ({ ts, receivedAt, value: ts % 7 });
    const { MAX_SAFE_INTEGER: max, MIN_SAFE_INTEGER: min } = Number;
    expectLossless([{ ...group([]), rows: [at(T, T), at(T, T - 5), at(T, T), at(0, T), at(T, 0)] }]);
    expectLossless([{ ...group([]), rows: [at(min, max), at(max, min), at(min, min), at(max, max)] }]);
  });

  it('keeps numbers that no decimal integer holds, next to those it does', () => {
    const numbers = [
      21.5,
      -0,
      0,
      21.55,
      1e308,
      -5e-324,
      0.1 + 0.2,
      1e15,
      123456789.123,
      Number.MAX_SAFE_INTEGER,
      -21.5,
    ];
    expectLossless([group(numbers)]);
    expectLossless([group(numbers.map((v) => ({ v })))]);
    expectLossless([group([2 ** 53 - 1, 1 - 2 ** 53, 0, 2 ** 52, -(2 ** 52)])]);
  });

  it('keeps what was sent beyond a double, in columns of numbers too', () => {
    expectLossless([group([{ n: 1 }, { n: new JsonNumber('9007199254740993') }, { n: null }, { n: 'x' }, { n: [1] }])]);
  });

  it('keeps fields that come, go, change order or are called __proto__', () => {
    const proto = JSON.parse('{"__proto__": 1, "a": 2}') as JsonValue;
    const [decoded] = decodeBlock(
      expectLossless([group([{ a: 1, b: 2 }, { b: 3, a: 4 }, { a: 5 }, {}, proto, { '': 6 }, 7, { a: 8, b: 9 }])]),
    );
    expect(Object.keys(decoded?.rows[1]?.value as object)).toStrictEqual(['b', 'a']);
    expect(({} as { a?: unknown }).a).toBeUndefined();
  });

  it('keeps texts of any script, and halves of pairs', () => {
    expectLossless([
      group(['', '\ud83d', '\ude00', '\ud83d\ude00', 'é', '\u0000', 'Ünïcödé', '温度']),
      group([{ '\ud83d': 1 }]),
    ]);
    expectLossless([group(['plain']), { ...group(['x'], '\udfff'), buckets: ['"', '\\', '\ud800'] }]);
  });

  it('shares no object between rows', () => {
    const [decoded] = decodeBlock(encodeBlock([group([{ p: { lat: 1 } }, { p: { lat: 1 } }])]));
    const positions = decoded?.rows.map((row) => (row.value as { p: JsonValue }).p);
    expect(positions?.[0]).not.toBe(positions?.[1]);
  });

  it('is small: under 4.2 bytes a reading for an hour of steady telemetry, under a third of its JSON for a batch', () => {
    const walk = Array.from({ length: 360 }, (_, i) => ({
      temperature: Number((20 + Math.sin(i * 1.7) / 3 + i / 100).toFixed(1)),
      humidity: Number((55 + Math.cos(i * 2.3) / 2 - i / 50).toFixed(1)),
      battery: Number((3.7 - i / 10_000).toFixed(2)),
      rssi: -70 + ((i * 7919) % 9),
      state: i < 300 ? 'running' : 'idle',
    }));
    const jittered = group(walk).rows.map((row, i) => {
      const ts = T + i * 10_000 + ((i * 104_729) % 241) - 120;
      return { ...row, ts, receivedAt: ts + ((i * 7919) % 200) };
    });
    const hour = encodeBlock([{ ...group([]), rows: jittered }], { arrival: 'second' });
    expect(hour.length / 360).toBeLessThan(4.2);
    const batch = walk.slice(0, 50).map((value, i) => group([value], `dev_01k9zq3v5m8r2t6w0y4b7d1${i + 100}`));
    expect(encodeBlock(batch).length).toBeLessThan(JSON.stringify(batch).length / 3);
  });
});

describe('arrival', () => {
  it('is rounded down to the second, or left out and read as ts', () => {
    fc.assert(
      fc.property(groups, (input) => {
        const withArrival = (of: (row: Group['rows'][number]) => number) =>
          shown(input.map((g) => ({ ...g, rows: g.rows.map((row) => ({ ...row, receivedAt: of(row) })) })));
        const decoded = (arrival: 'second' | 'none') => shown(decodeBlock(encodeBlock(input, { arrival })));
        expect(decoded('second')).toBe(withArrival((row) => Math.floor(row.receivedAt / 1000) * 1000));
        expect(decoded('none')).toBe(withArrival((row) => row.ts));
      }),
      RUNS,
    );
  });
});

describe('a filter', () => {
  const filter: fc.Arbitrary<BlockFilter> = fc.record(
    {
      device: fc.constantFrom('dev_a', 'dev_b', ''),
      stream: fc.constantFrom('telemetry', 'events'),
      bucket: fc.constantFrom('bkt_a', 'bkt_b'),
      from: fc.integer({ min: 1_699_999_999_000, max: 1_700_000_006_000 }),
      to: fc.integer({ min: 1_699_999_999_000, max: 1_700_000_006_000 }),
    },
    { requiredKeys: [] },
  );

  it('gives what filtering all groups gives', () => {
    fc.assert(
      fc.property(groups, filter, (input, { device, stream, bucket, from, to }) => {
        const expected = input
          .filter((g) => (device ?? g.device) === g.device && (stream ?? g.stream) === g.stream)
          .filter((g) => bucket === undefined || g.buckets.includes(bucket))
          .map((g) => ({ ...g, rows: g.rows.filter(({ ts }) => ts >= (from ?? -Infinity) && ts < (to ?? Infinity)) }))
          .filter((g) => g.rows.length > 0 || (from === undefined && to === undefined));
        expect(shown(decodeBlock(encodeBlock(input), { device, stream, bucket, from, to }))).toBe(shown(expected));
      }),
      RUNS,
    );
  });

  it('takes from as inclusive and to as exclusive', () => {
    const bytes = encodeBlock([group([0, 1, 2, 3])]);
    const [only] = decodeBlock(bytes, { from: T + 1000, to: T + 3000 });
    expect(only?.rows.map((row) => row.value)).toStrictEqual([1, 2]);
    expect(decodeBlock(bytes, { from: T + 4000 })).toStrictEqual([]);
  });
});

describe('encodeBlock refuses', () => {
  it.each([Number.NaN, 1.5, 2 ** 53, Number.POSITIVE_INFINITY])('the time %d', (time) => {
    expect(() => encodeBlock([{ ...group([]), rows: [{ ts: time, receivedAt: T, value: 1 }] }])).toThrow(TypeError);
    expect(() => encodeBlock([{ ...group([]), rows: [{ ts: T, receivedAt: time, value: 1 }] }])).toThrow(TypeError);
  });

  it('what is no JSON value, wherever it stands', () => {
    for (const value of [Number.NaN, Number.NEGATIVE_INFINITY, undefined, Symbol('x'), 1n]) {
      for (const around of [value, { a: value }, [value], { a: { b: value } }]) {
        expect(() => encodeBlock([group([around as JsonValue])])).toThrow(TypeError);
      }
    }
  });

  it('values too deep to be read again', () => {
    const nested = (levels: number) => JSON.parse('['.repeat(levels) + ']'.repeat(levels)) as JsonValue;
    expectLossless([group([nested(64)])]);
    expect(() => encodeBlock([group([nested(65)])])).toThrow(TypeError);
  });
});
