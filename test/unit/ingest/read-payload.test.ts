/** Payloads: readings, or a reason why not. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { readPayload } from '../../../shared/ingest/read-payload.ts';
import { stringifyJson } from '../../../shared/platform/json-value.ts';
import { encodeBlock } from '../../../shared/readings/codec/block.ts';

const NOW = Date.parse('2026-03-02T00:00:00Z');
const DAY_MS = 86_400_000;
const read = (payload: unknown) => readPayload(Buffer.from(JSON.stringify(payload)), NOW);
const readText = (text: string) => readPayload(Buffer.from(text), NOW);
const tsOf = (ts: unknown) => read({ ts, v: 1 }).readings[0]?.ts;

describe('a ts', () => {
  it.each([
    ['2026-03-01T10:00:00Z', '2026-03-01T10:00:00.000Z'],
    ['2026-03-01T10:00Z', '2026-03-01T10:00:00.000Z'],
    ['2026-03-01T10:00:00.1Z', '2026-03-01T10:00:00.100Z'],
    ['2026-03-01T10:00:00.1239999Z', '2026-03-01T10:00:00.123Z'],
    ['2026-03-01T23:59:59.9999999-00:00', '2026-03-01T23:59:59.999Z'],
    ['2026-03-01T10:00:00+05:45', '2026-03-01T04:15:00.000Z'],
    ['2026-03-01T10:00:00-0300', '2026-03-01T13:00:00.000Z'],
    ['2024-02-29T00:00:00Z', '2024-02-29T00:00:00.000Z'],
    ['2026-02-28T24:00:00Z', '2026-03-01T00:00:00.000Z'],
    [1772359200000, '2026-03-01T10:00:00.000Z'],
    [1772359200000.999, '2026-03-01T10:00:00.000Z'],
    [1.7723592e12, '2026-03-01T10:00:00.000Z'],
    [0, '1970-01-01T00:00:00.000Z'],
    [NOW + DAY_MS, '2026-03-03T00:00:00.000Z'],
  ])('of %j is %s', (ts, iso) => {
    expect(new Date(tsOf(ts) ?? Number.NaN).toISOString()).toBe(iso);
  });

  it.each([
    ['no offset', '2026-03-01T10:00:00'],
    ['a date alone', '2026-03-01'],
    ['a day that is none', '2026-02-29T10:00:00Z'],
    ['a month that is none', '2026-13-01T10:00:00Z'],
    ['an hour that is none', '2026-03-01T25:00:00Z'],
    ['a leap second', '2026-02-28T23:59:60Z'],
    ['before 1970', '1969-12-31T23:59:59.999Z'],
    ['before 1970 by its offset', '1970-01-01T00:00:00+00:01'],
    ['year 9999', '9999-12-31T23:59:59Z'],
    ['more than a day ahead', NOW + DAY_MS + 1],
    ['before 1970 by less than a millisecond', -0.001],
    ['text', 'yesterday'],
    ['epoch milliseconds as text', '1772359200000'],
    ['nothing', ''],
    ['null', null],
    ['a list', [1772359200000]],
    ['an object', {}],
    ['true', true],
  ])('is refused for %s', (_, ts) => {
    expect(read({ ts, v: 1 })).toEqual({ readings: [], problem: { reason: 'bad-timestamp' } });
  });

  it('may have more digits than a double, and is still truncated, never rounded', () => {
    const at = (source: string) => readText(`{"ts": ${source}}`).readings[0]?.ts;
    expect(at('1772359200000.99999999999999999999')).toBe(1772359200000);
    expect(at('1772359200000.0000000000000000001')).toBe(1772359200000);
    expect(at('1.77235920000000000000000000000e12')).toBe(1772359200000);
    expect(at('1e400')).toBeUndefined();
    expect(at('-1.00000000000000000001')).toBeUndefined();
    expect(Object.is(at('-0'), 0)).toBe(true);
  });

  it('is taken out of the value; a ts further in is none', () => {
    expect(read({ ts: 5, a: { ts: 'x' } }).readings).toEqual([{ ts: 5, value: { a: { ts: 'x' } } }]);
    expect(read({ a: { ts: 'x' } }).readings).toEqual([{ ts: NOW, value: { a: { ts: 'x' } } }]);
    expect(read({ ts: 5 }).readings).toEqual([{ ts: 5, value: {} }]);
    expect(read([[{ ts: 5 }]]).readings).toEqual([{ ts: NOW, value: [{ ts: 5 }] }]);
  });
});

describe('an array', () => {
  it('keeps its good readings, and names the others', () => {
    const { readings, problem } = read([1, { ts: 'bad' }, { ts: 7, v: 2 }, { ts: -1 }]);
    expect(readings).toEqual([
      { ts: NOW, value: 1 },
      { ts: 7, value: { v: 2 } },
    ]);
    expect(problem?.reason).toBe('bad-timestamp');
    expect(problem?.detail).toBe('The ts of 2 of 4 readings is not valid (from 0: 1, 3); the others were kept.');
    expect(read([])).toEqual({ readings: [] });
  });

  it('of a thousand bad readings names the first twenty', () => {
    const { problem } = read(Array.from({ length: 1000 }, () => ({ ts: 'bad' })));
    expect(problem?.detail).toContain('1000 of 1000 readings');
    expect(problem?.detail).toContain(': 0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16, 17, 18, 19)');
  });
});

describe('what is no JSON', () => {
  it.each([
    ['', 'not-json'],
    ['{', 'not-json'],
    ['{"secret": tru', 'not-json'],
    ["{'secret': 1}", 'not-json'],
    ['secret', 'not-json'],
    ['1 secret', 'not-json'],
    ['NaN', 'not-json'],
    [`${'['.repeat(65)}${']'.repeat(65)}`, 'too-deep'],
    ['{"a":'.repeat(100_000), 'too-deep'],
  ] as const)('%.20j is refused as %s, in words that never quote it', (text, reason) => {
    const { readings, problem } = readText(text);
    expect(readings).toEqual([]);
    expect(problem?.reason).toBe(reason);
    expect(problem?.detail).toMatch(/^The .+\.$/);
    expect(problem?.detail).not.toContain('secret');
  });

  it('includes what is no UTF-8', () => {
    expect(readPayload(Buffer.from([0x22, 0xc3, 0x28, 0x22]), NOW).problem?.reason).toBe('not-json');
    expect(readPayload(Buffer.from([0xff]), NOW).problem?.detail).toBe('The bytes are not UTF-8.');
  });
});

describe('any payload', () => {
  it('of any bytes gives readings or a reason, and never throws', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 200 }), (bytes) => {
        const { readings, problem } = readPayload(bytes, NOW);
        expect(readings.length > 0 || problem !== undefined || Buffer.from(bytes).toString().trim() === '[]').toBe(
          true,
        );
      }),
    );
  });

  it('of JSON gives one reading, or one for each element, each with a time that a block can hold', () => {
    const ts = fc.oneof(
      fc.double(),
      fc.integer(),
      fc.string(),
      fc.date({ noInvalidDate: true }).map((d) => d.toISOString()),
    );
    const value = fc.oneof(fc.jsonValue(), fc.record({ ts, v: fc.jsonValue() }));
    fc.assert(
      fc.property(fc.oneof(value, fc.array(value, { maxLength: 10 })), (payload) => {
        const { readings, problem } = read(payload);
        const elements = Array.isArray(payload) ? payload : [payload];
        const bad = problem ? Number(/The ts of (\d+) of/.exec(problem.detail ?? '')?.[1] ?? 1) : 0;
        expect(readings.length + bad).toBe(elements.length);
        for (const reading of readings) {
          expect(Number.isSafeInteger(reading.ts) && reading.ts >= 0 && reading.ts <= NOW + DAY_MS).toBe(true);
          expect(typeof stringifyJson(reading.value)).toBe('string');
        }
        const rows = readings.map((reading) => ({ ...reading, receivedAt: NOW }));
        encodeBlock([{ device: 'd', stream: 's', buckets: ['b'], rows }]);
      }),
    );
  });
});
