import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  canonicalJson,
  equalJson,
  JsonNumber,
  type JsonValue,
  parseJson,
} from '../../../shared/platform/json-value.ts';
import { json, RUNS } from '../readings/codec/arbitraries.ts';

const sent = (source: string) => new JsonNumber(source);

describe('JsonNumber', () => {
  it('is never made for what is no number, or for what a double holds', () => {
    for (const source of ['', 'abc', '1e', '01', '+1', '1e400 ', '"a"', '1', '-0', '1.50', '1e2']) {
      expect(() => new JsonNumber(source)).toThrow(TypeError);
    }
  });

  it('takes time in proportion to its length', () => {
    const source = `1${'0'.repeat(500_000)}1`;
    const begin = performance.now();
    expect(canonicalJson(parseJson(source))).toBe(`${source}e0`);
    expect(performance.now() - begin).toBeLessThan(2000);
  });
});

describe('equalJson and canonicalJson', () => {
  it('agree, and see no order of keys', () => {
    const reverse = (value: JsonValue): JsonValue => {
      if (Array.isArray(value)) return value.map(reverse);
      if (typeof value !== 'object' || value === null || value instanceof JsonNumber) return value;
      return Object.fromEntries(
        Object.entries(value)
          .reverse()
          .map(([key, member]) => [key, reverse(member)]),
      );
    };
    fc.assert(
      fc.property(json, json, (a, b) => {
        expect(equalJson(a, reverse(a))).toBe(true);
        expect(canonicalJson(parseJson(canonicalJson(a)))).toBe(canonicalJson(a));
        expect(equalJson(a, b)).toBe(canonicalJson(a) === canonicalJson(b));
      }),
      RUNS,
    );
  });

  it('compare numbers by their decimal value', () => {
    expect(equalJson(sent('9007199254740993'), sent('9007199254740993.0'))).toBe(true);
    expect(equalJson(sent('1e400'), sent('0.10E+401'))).toBe(true);
    expect(equalJson(sent('1e400'), sent('-1e400'))).toBe(false);
    expect(equalJson(sent('9007199254740993'), 9007199254740992)).toBe(false);
    expect(equalJson([-0], [0])).toBe(true);
  });

  it('tell kinds, order of items and missing members apart', () => {
    const different: JsonValue[] = [
      null,
      false,
      0,
      '',
      '0',
      [],
      [0],
      {},
      { a: null },
      { a: 0 },
      [1, 2],
      [2, 1],
      ['1,2'],
    ];
    expect(new Set(different.map(canonicalJson)).size).toBe(different.length);
  });

  it('refuse what is no JSON', () => {
    expect(() => canonicalJson([Number.NaN])).toThrow(TypeError);
  });
});
