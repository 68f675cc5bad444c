import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { JsonNumber, type JsonValue, parseJson } from '../../../../shared/platform/json-value.ts';
import { visitNumbers } from '../../../../shared/readings/aggregate/numbers-of.ts';
import { fieldOf } from '../../../../shared/readings/render-readings.ts';
import { json } from '../codec/arbitraries.ts';

function numbersOf(value: JsonValue, fields?: readonly string[]) {
  const found: [string, number][] = [];
  visitNumbers(value, fields, (field, number) => found.push([field, number]));
  return found;
}

describe('the numbers of a value', () => {
  it.each([
    ['{"a":1,"b":{"c":2,"d":{"e":3}},"s":"4","n":null,"t":true,"l":[5,{"x":6}]}', { a: 1, 'b.c': 2, 'b.d.e': 3 }],
    ['21.5', { value: 21.5 }],
    ['{"value":1}', { value: 1 }],
    ['"21.5"', {}],
    ['[1,2]', {}],
    ['null', {}],
    // A member whose own name has the dots comes first, as in `fields=`.
    ['{"a":{"b":1},"a.b":2}', { 'a.b': 2 }],
    ['{"a":{"b":1},"a.b":"text"}', {}],
    ['{"a.b":{"c":1},"a":{"b.c":2}}', { 'a.b.c': 2 }],
    ['{"":{"a":1,"":2}}', { '.a': 1, '.': 2 }],
    [
      '{"n":9007199254740993,"big":-1e400,"small":1e-400,"zero":-0}',
      { n: 2 ** 53, big: -Number.MAX_VALUE, small: 0, zero: 0 },
    ],
  ])('of %s', (text, expected) => {
    expect(numbersOf(parseJson(text))).toEqual(Object.entries(expected));
  });

  it('have a name that is not confused with a prototype’s', () => {
    expect(numbersOf(parseJson('{"__proto__":{"a":1},"constructor":2}'))).toEqual([
      ['__proto__.a', 1],
      ['constructor', 2],
    ]);
    expect(numbersOf(parseJson('{"a":1}'), ['toString', 'length', '__proto__'])).toEqual([]);
  });

  it('are those asked for', () => {
    const value = parseJson('{"a":1,"b":{"c":2,"d":"x"}}');
    expect(numbersOf(value, ['b.c', 'b.d', 'b', 'x'])).toEqual([['b.c', 2]]);
    expect(numbersOf(3, ['a'])).toEqual([]);
    expect(numbersOf(3, ['a', 'value'])).toEqual([['value', 3]]);
  });

  it('are each what `fields=` says of its name, and no name comes twice', () => {
    const isNumber = (value: JsonValue | undefined) => typeof value === 'number' || value instanceof JsonNumber;
    const dotted = fc.dictionary(fc.constantFrom('a', 'a.b', 'b', '', '.', 'b.a.b'), json, { noNullPrototype: true });
    fc.assert(
      fc.property(fc.oneof(json, dotted, fc.dictionary(fc.constantFrom('a', 'a.b', ''), dotted)), (value) => {
        const found = numbersOf(value as JsonValue);
        const names = found.map(([name]) => name);
        expect(new Set(names).size).toBe(names.length);
        if (isNumber(value as JsonValue)) return;
        for (const name of names) expect(isNumber(fieldOf(value as JsonValue, name))).toBe(true);
        expect(numbersOf(value as JsonValue, names)).toEqual(found);
      }),
      { numRuns: 500 },
    );
  });
});
