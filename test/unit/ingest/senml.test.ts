/** SenML: the examples of RFC 8428, what resolves how, what is refused, and what becomes of a pack that a device sends. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { readPayload } from '../../../shared/ingest/read-payload.ts';
import { looksLikeSenml, parseSenml, SenmlError } from '../../../shared/ingest/senml.ts';
import { type JsonValue, parseJson, stringifyJson } from '../../../shared/platform/json-value.ts';

const NOW = Date.parse('2026-03-02T00:00:00Z');
const read = (pack: unknown) => readPayload(Buffer.from(JSON.stringify(pack)), NOW);
const parse = (pack: unknown) => parseSenml(parseJson(JSON.stringify(pack)), NOW);
const iso = (at: number) => new Date(at).toISOString();
const valuesOf = (pack: unknown) => read(pack).readings.map(({ ts, value }) => [iso(ts), value]);
const BASE = 'urn:dev:ow:10e2073a01080063:';

describe('an example of the RFC', () => {
  it('with one measurement, of about now', () => {
    expect(valuesOf([{ n: 'urn:dev:ow:10e2073a01080063', u: 'Cel', v: 23.1 }])).toEqual([
      [iso(NOW), { 'urn:dev:ow:10e2073a01080063': 23.1, _units: { 'urn:dev:ow:10e2073a01080063': 'Cel' } }],
    ]);
  });

  it('with two of one time is one reading', () => {
    const pack = [
      { bn: BASE, n: 'voltage', u: 'V', v: 120.1 },
      { n: 'current', u: 'A', v: 1.2 },
    ];
    expect(valuesOf(pack)).toEqual([
      [iso(NOW), { voltage: 120.1, current: 1.2, _units: { voltage: 'V', current: 'A' } }],
    ]);
  });

  it('with a base time, a base unit and relative times', () => {
    const pack = [
      { bn: BASE, bt: 1.276020076001e9, bu: 'A', bver: 5, n: 'voltage', u: 'V', v: 120.1 },
      ...[1.2, 1.3, 1.4, 1.5, 1.6, 1.7].map((v, i) => ({ n: 'current', t: i - 5, v })),
    ];
    const at = 1_276_020_076_001;
    expect(valuesOf(pack)).toEqual([
      [iso(at), { voltage: 120.1, current: 1.7, _units: { voltage: 'V', current: 'A' } }],
      ...[1.2, 1.3, 1.4, 1.5, 1.6].map((current, i) => [
        iso(at + (i - 5) * 1000),
        { current, _units: { current: 'A' } },
      ]),
    ]);
  });

  it('of one sensor with the name in the base alone', () => {
    const pack = [
      { bn: 'urn:dev:ow:10e2073a01080063', bt: 1.320067464e9, bu: '%RH', v: 20 },
      { t: 10, v: 20.3 },
      { u: 'lon', t: 20, v: 24.30621 },
    ];
    const name = 'urn:dev:ow:10e2073a01080063';
    expect(valuesOf(pack)).toEqual([
      ['2011-10-31T13:24:24.000Z', { [name]: 20, _units: { [name]: '%RH' } }],
      ['2011-10-31T13:24:34.000Z', { [name]: 20.3, _units: { [name]: '%RH' } }],
      ['2011-10-31T13:24:44.000Z', { [name]: 24.30621, _units: { [name]: 'lon' } }],
    ]);
  });

  it('of every kind of value', () => {
    const pack = [
      { bn: BASE, n: 'temp', u: 'Cel', v: 23.1 },
      { n: 'label', vs: 'Machine Room' },
      { n: 'open', vb: false },
      { n: 'nfc-reader', vd: 'aGkgCg' },
    ];
    expect(valuesOf(pack)).toEqual([
      [iso(NOW), { temp: 23.1, label: 'Machine Room', open: false, 'nfc-reader': 'aGkgCg', _units: { temp: 'Cel' } }],
    ]);
  });
});

describe('what resolves', () => {
  it.each([
    ['zero is now', { t: 0 }, iso(NOW)],
    ['a negative time is past', { t: -60.5 }, iso(NOW - 60_500)],
    ['a small time is ahead of now', { t: 60 }, iso(NOW + 60_000)],
    ['2^28 is the first absolute time', { t: 2 ** 28 }, '1978-07-04T21:24:16.000Z'],
    ['base and own time add up before that is judged', { bt: 268_435_450, t: 10 }, '1978-07-04T21:24:20.000Z'],
    ['finer than a millisecond is truncated', { bt: 1276020091, t: 0.3059 }, '2010-06-08T18:01:31.305Z'],
    ['milliseconds survive a double', { t: 1276020091.305 }, '2010-06-08T18:01:31.305Z'],
  ])('of times: %s', (_, time, expected) => {
    expect(parse([{ n: 'a', v: 1, ...time }]).map(({ at }) => iso(at))).toEqual([expected]);
  });

  it('of values: the base is added to numbers alone, and what nothing is added to stays as it was sent', () => {
    expect(
      parse([
        { n: 'a', bv: 20, v: 1.5 },
        { n: 'b', vs: 'x' },
        { n: 'c', bv: 0, v: 2 },
      ]).map((r) => r.value),
    ).toEqual([21.5, 'x', 2]);
    const [exact] = parseSenml(parseJson('[{"n": "a", "v": 9007199254740993}]'), NOW);
    expect(stringifyJson(exact?.value ?? null)).toBe('9007199254740993');
  });

  it('of sums: one of base and own that is missing is zero, and a sum needs no value', () => {
    const pack = [
      { n: 'a', s: 5 },
      { n: 'b', bs: 100, s: 1, v: 7 },
      { n: 'c', v: 8 },
    ];
    expect(parse(pack).map(({ sum, value }) => [sum, value])).toEqual([
      [5, undefined],
      [101, 7],
      [100, 8],
    ]);
    expect(valuesOf(pack)).toEqual([[iso(NOW), { b: 7, c: 8, _sums: { a: 5, b: 101, c: 100 } }]]);
  });

  it('of labels: twice at one time makes two readings, and none ever takes the place of units', () => {
    expect(
      valuesOf([
        { n: 'a', v: 1 },
        { n: 'a', v: 2 },
      ]).map(([, value]) => value),
    ).toEqual([{ a: 1 }, { a: 2 }]);
    expect(valuesOf([{ bn: 'x', n: '_units', u: 'V', v: 1 }]).map(([, value]) => value)).toEqual([
      { x_units: 1, _units: { x_units: 'V' } },
    ]);
  });
});

describe('a pack is refused', () => {
  it.each<[string, unknown]>([
    ['no record', []],
    ['a record that is no object', [{ n: 'a', v: 1 }, 7]],
    ['no value', [{ n: 'a', v: 1 }, { n: 'b' }]],
    [
      'a base sum, but neither value nor sum',
      [
        { n: 'a', v: 1 },
        { n: 'b', bs: 1 },
      ],
    ],
    ['two values', [{ n: 'a', v: 1, vs: 'x' }]],
    ['no name', [{ v: 1 }]],
    ['a name that begins with a dash', [{ n: '-a', v: 1 }]],
    ['a name with a space', [{ n: 'a b', v: 1 }]],
    ['a base name with a character that none has', [{ bn: 'urn:dev:ö:', n: 'a', v: 1 }]],
    ['a value that is no number', [{ n: 'a', v: '1' }]],
    ['a null', [{ n: 'a', v: null }]],
    ['a text that is none', [{ n: 'a', vs: 1 }]],
    ['a boolean that is none', [{ n: 'a', vb: 'true' }]],
    ['data that is no base64url', [{ n: 'a', vd: 'a+b/' }]],
    ['data of an impossible length', [{ n: 'a', vd: 'abcde' }]],
    ['a time that is no number', [{ n: 'a', v: 1, t: '2026-03-01T10:00:00Z' }]],
    ['an update time that is no number', [{ n: 'a', v: 1, ut: 'soon' }]],
    ['a version above 10', [{ bver: 11, n: 'a', v: 1 }]],
    ['a version of 0', [{ bver: 0, n: 'a', v: 1 }]],
    [
      'a version that changes',
      [
        { n: 'a', v: 1 },
        { bver: 9, n: 'b', v: 1 },
      ],
    ],
    ['a label that must be understood', [{ n: 'a', v: 1, loc_: 'x' }]],
    ['a sum beyond doubles', [{ n: 'a', bv: 1e308, v: 1e308 }]],
  ])('for %s', (_, pack) => {
    expect(() => parse(pack)).toThrow(SenmlError);
  });

  it('as one message of a device: nothing of it is kept, and the detail tells the record, never what it holds', () => {
    expect(
      read([
        { n: 'a', v: 1 },
        { n: 'secret name', v: 2 },
      ]),
    ).toEqual({
      readings: [],
      problem: {
        reason: 'bad-senml',
        detail: expect.stringMatching(/^Record 1 \(from 0\) has no name, or one of other characters/),
      },
    });
  });

  it('not for a time out of bounds: the others are kept', () => {
    const { readings, problem } = read([
      { n: 'a', v: 1, t: -1e10 },
      { n: 'a', v: 2 },
      { n: 'a', v: 3, t: 200_000 },
    ]);
    expect(readings.map(({ value }) => value)).toEqual([{ a: 2 }]);
    expect(problem).toEqual({
      reason: 'bad-timestamp',
      detail: 'The time of 2 of 3 readings is not valid (from 0: 0, 2); the others were kept.',
    });
  });

  it('not for a label that is only unknown', () => {
    expect(parse([{ n: 'a', v: 1, extra: 5 }])).toMatchObject([{ ownName: 'a', value: 1 }]);
  });
});

describe('over MQTT, an array is SenML', () => {
  const looks = (value: unknown) => looksLikeSenml(parseJson(JSON.stringify(value)) as JsonValue[]);
  it('where every record has only its labels, and one has a value or a sum', () => {
    for (const label of ['v', 'vs', 'vb', 'vd', 's']) expect(looks([{ bn: 'x' }, { [label]: 1 }]), label).toBe(true);
  });

  it('and a list of readings otherwise', () => {
    const others = [
      [],
      [1],
      [{ n: 1 }],
      [{ v: 1, temperature: 2 }],
      [{ v: 1 }, { ts: 1, v: 2 }],
      [{ n: 'a', v: 1 }, null],
    ];
    for (const other of others) expect(looks(other), JSON.stringify(other)).toBe(false);
    expect(read([{ ts: 5, v: 1 }]).readings).toEqual([{ ts: 5, value: { v: 1 } }]);
    expect(read({ n: 'a', v: 1 }).readings).toEqual([{ ts: NOW, value: { n: 'a', v: 1 } }]);
  });
});

describe('properties', () => {
  const label = fc.constantFrom('a', 'b', 'c', 'd');
  const record = fc.record({
    n: label,
    t: fc.integer({ min: 0, max: 5 }),
    u: fc.option(fc.constantFrom('V', 'A'), { nil: undefined }),
    v: fc.double({ noNaN: true, noDefaultInfinity: true }),
  });

  it('no value is lost or made up, and the same pack gives the same readings', () => {
    fc.assert(
      fc.property(fc.array(record, { minLength: 1, maxLength: 30 }), (pack) => {
        const { readings, problem } = read(pack);
        expect(problem).toBeUndefined();
        const seen = readings.flatMap(({ ts, value }) =>
          Object.entries(value as Record<string, number>).flatMap(([n, v]) =>
            n === '_units' ? [] : [`${ts} ${n} ${v}`],
          ),
        );
        expect(seen.toSorted()).toEqual(pack.map(({ n, t, v }) => `${NOW + t * 1000} ${n} ${v}`).toSorted());
        expect(read(pack)).toEqual({ readings });
      }),
    );
  });

  it('a resolved pack means what the pack with base fields meant', () => {
    const bases = fc.record({
      bn: fc.constantFrom('x:', 'y/'),
      bt: fc.integer({ min: 0, max: 9 }),
      bu: fc.constant('W'),
    });
    fc.assert(
      fc.property(bases, fc.array(record, { minLength: 1, maxLength: 10 }), (base, records) => {
        const [first, ...rest] = records;
        const short = parse([{ ...base, ...first }, ...rest]);
        const long = parse(records.map(({ n, t, u, v }) => ({ n: base.bn + n, t: base.bt + t, u: u ?? base.bu, v })));
        const whole = (all: typeof short) =>
          all.map(({ baseName, ownName, ...other }) => ({ ...other, name: baseName + ownName }));
        expect(whole(short)).toEqual(whole(long));
      }),
    );
  });

  it('whatever comes, there is an answer', () => {
    const anything = fc.array(
      fc.dictionary(fc.constantFrom('bn', 'bt', 'bver', 'n', 'u', 'v', 'vs', 's', 't'), fc.jsonValue()),
    );
    fc.assert(
      fc.property(anything, (pack) => {
        const { readings, problem } = read(pack);
        for (const { ts } of readings) expect(Number.isSafeInteger(ts)).toBe(true);
        if (readings.length === 0 && pack.length > 0) expect(problem).toBeDefined();
      }),
    );
  });
});
