/** JSON as archives hold it: one text for the same data, and no digit lost. */
import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { archiveJson } from '../../../shared/archive/archive-json.ts';
import { equalJson, JsonNumber, type JsonValue, parseJson } from '../../../shared/platform/json-value.ts';

const again = (text: string) => archiveJson(parseJson(text));

describe('JSON in archives', () => {
  it('has members in order at every level, by UTF-16 units, and no spaces', () => {
    expect(again('{ "b": 1, "a": [ { "d": 1, "c": { "z": 0, "y": 0 } } ], "ä": 2, "B": 3, "": 4 }')).toBe(
      '{"":4,"B":3,"a":[{"c":{"y":0,"z":0},"d":1}],"b":1,"ä":2}',
    );
    // U+FF61 is the greater unit, U+1F600 the greater code point.
    expect(again('{"\uff61":1,"😀":2}')).toBe('{"😀":2,"\uff61":1}');
  });

  it('has names that are integers in the same order, though JavaScript keeps them by size', () => {
    for (const text of ['{"b":0,"10":1,"9":2,"-1":3}', '{"-1":3,"9":2,"10":1,"b":0}', '{"10":1,"b":0,"-1":3,"9":2}'])
      expect(again(text)).toBe('{"-1":3,"10":1,"9":2,"b":0}');
  });

  it('keeps a name that JavaScript gives a meaning', () => {
    const text = '{"__proto__":{"constructor":1},"a":1,"constructor":2,"toString":3}';
    expect(again(text)).toBe(text);
    expect(again('{"toString":3,"constructor":2,"a":1,"__proto__":{"constructor":1}}')).toBe(text);
  });

  it('has numbers as they were sent, where a double holds them or not', () => {
    for (const text of ['-0', '9007199254740993', '1e400', '0.1234567890123456789', '-1E-400', '21.5', '0'])
      expect(again(text), text).toBe(text);
    expect(again('{"b":{"y":-0,"x":1e400},"a":[-0.0]}')).toBe('{"a":[-0],"b":{"x":1e400,"y":-0}}');
    expect(archiveJson(new JsonNumber('123456789012345678901234567890'))).toBe('123456789012345678901234567890');
  });

  it('escapes what JSON must, and leaves other letters as they are', () => {
    expect(archiveJson('a"\\\n\u0000\u2028ü😀')).toBe('"a\\"\\\\\\n\\u0000\u2028ü😀"');
    expect(archiveJson('\ud800')).toBe('"\\ud800"');
  });

  it('refuses what is no JSON value', () => {
    for (const value of [Number.NaN, Number.POSITIVE_INFINITY, undefined, () => 1, 1n, [undefined], { a: undefined }])
      expect(() => archiveJson(value as never), String(value)).toThrow(TypeError);
  });

  it('remembers the order of members, and not what they were of', () => {
    for (let n = 0; n < 2500; n++) {
      expect(again(`{"b":${n},"a${n}":"${n}"}`)).toBe(`{"a${n}":"${n}","b":${n}}`);
      expect(again('{"b":1,"a":2}')).toBe('{"a":2,"b":1}');
    }
  });

  it('does not change what it is given', () => {
    const value = parseJson('{"b":[{"d":1,"c":2}],"a":1}');
    archiveJson(value);
    expect(Object.keys(value as object)).toEqual(['b', 'a']);
  });
});

const name = fc.oneof(
  fc.string({ unit: 'binary', maxLength: 6 }),
  fc.constantFrom('__proto__', 'constructor', 'toJSON', '0', '10', '9', '01', '-1', '4294967295', 'source'),
);
const number = fc.oneof(
  fc.double({ noNaN: true, noDefaultInfinity: true }),
  fc.bigInt({ min: -(10n ** 40n), max: 10n ** 40n }).map((big) => parseJson(String(big))),
  fc.constantFrom('-0', '1e400', '0.1234567890123456789').map((text) => parseJson(text)),
);
const { value: anyValue } = fc.letrec<{ value: JsonValue }>((tie) => ({
  value: fc.oneof(
    { maxDepth: 5, withCrossShrink: true },
    fc.oneof(fc.constant(null), fc.boolean(), number, fc.string({ unit: 'binary' })) as fc.Arbitrary<JsonValue>,
    fc.array(tie('value'), { maxLength: 5 }) as fc.Arbitrary<JsonValue>,
    fc.array(fc.tuple(name, tie('value')), { maxLength: 6 }).map(objectOf),
  ),
}));

/** Defines members, for an assignment to `__proto__` makes none. */
function objectOf(members: readonly (readonly [string, JsonValue])[]): JsonValue {
  const made: { [name: string]: JsonValue } = {};
  for (const [key, value] of members)
    Object.defineProperty(made, key, { value, enumerable: true, writable: true, configurable: true });
  return made;
}

/** The same data, with the members of every object in another order. */
function shuffled(value: JsonValue): JsonValue {
  if (Array.isArray(value)) return value.map(shuffled);
  if (typeof value !== 'object' || value === null || value instanceof JsonNumber) return value;
  return objectOf(
    Object.entries(value)
      .map(([key, inner]): [string, JsonValue] => [key, shuffled(inner)])
      .toReversed(),
  );
}

describe('of any data', () => {
  it('there is one text, and it parses to the same data', () => {
    fc.assert(
      fc.property(anyValue, (value) => {
        const text = archiveJson(value);
        expect(archiveJson(shuffled(value))).toBe(text);
        const back = parseJson(text);
        expect(equalJson(back, value)).toBe(true);
        expect(archiveJson(back)).toBe(text);
        expect(text).not.toContain('\n');
      }),
      { numRuns: 500 },
    );
  });
});
