import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  JsonError,
  JsonNumber,
  type JsonValue,
  parseJson,
  stringifyJson,
} from '../../../shared/platform/json-value.ts';
import { json, RUNS, shown } from '../readings/codec/arbitraries.ts';

function failure(run: () => unknown): JsonError {
  try {
    run();
  } catch (error) {
    if (error instanceof JsonError) return error;
    throw error;
  }
  throw new Error('It did not fail');
}

const sent = (source: string) => new JsonNumber(source);

describe('parseJson and stringifyJson', () => {
  it('are inverse for every value', () => {
    fc.assert(
      fc.property(json, (value) => {
        expect(shown(parseJson(stringifyJson(value)))).toBe(shown(value));
      }),
      RUNS,
    );
  });

  it('read what JSON.parse reads, in order, when a double holds every number', () => {
    fc.assert(
      fc.property(fc.json(), (text) => {
        expect(JSON.stringify(parseJson(text))).toBe(JSON.stringify(JSON.parse(text)));
      }),
      RUNS,
    );
  });

  it('keep the order of keys, also where a number goes the slow way', () => {
    const text = '{"b":9007199254740993,"a":[{"z":1,"__proto__":0.1234567890123456789}],"":-0}';
    expect(stringifyJson(parseJson(text))).toBe(text);
  });

  it.each([
    '9007199254740993',
    '-9007199254740993',
    '0.1234567890123456789',
    '123456789.123456789',
    '1e400',
    '-1E-400',
  ])('keep %s as it was sent', (source) => {
    expect(parseJson(source)).toStrictEqual(sent(source));
    expect(stringifyJson(parseJson(` [${source}] `))).toBe(`[${source}]`);
    expect(JSON.stringify({ v: parseJson(source) })).toBe(`{"v":${source}}`);
  });

  it.each([
    ['1.0', 1],
    ['1e2', 100],
    ['0.1', 0.1],
    ['9007199254740992', 2 ** 53],
    ['1000000000000000000000', 1e21],
    ['0.30000000000000004', 0.1 + 0.2],
    ['1.7976931348623157E+308', Number.MAX_VALUE],
    ['5e-324', 5e-324],
    ['0e999999999999999999999', 0],
    ['-0', -0],
    ['-0.000000000000000000', -0],
  ])('read %s as the double that holds it', (source, expected) => {
    expect(parseJson(source)).toBe(expected);
  });

  it('keep the digits of every decimal but zeros at its end', () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 999 }), fc.stringMatching(/^[0-9]{1,20}$/), (whole, digits) => {
        const source = `${whole}.${digits}`;
        const value = parseJson(source);
        const shortest = source.replace(/\.?0+$/, '');
        expect(stringifyJson(value)).toBe(typeof value === 'number' ? shortest : source);
        expect(typeof value === 'number').toBe(String(Number(source)) === shortest);
      }),
      RUNS,
    );
  });

  it('print -0 and refuse what is no JSON', () => {
    expect(stringifyJson({ a: [-0, sent('1e400'), 0] })).toBe('{"a":[-0,1e400,0]}');
    expect(() => stringifyJson([-0, Number.NaN])).toThrow(TypeError);
    expect(() => stringifyJson([-0, undefined] as unknown as JsonValue)).toThrow(TypeError);
    for (const value of [Number.NaN, Number.POSITIVE_INFINITY, undefined, () => 0, [undefined], { a: Number.NaN }]) {
      expect(() => stringifyJson(value as JsonValue)).toThrow(TypeError);
    }
  });

  it('keep __proto__ as a field and change no prototype', () => {
    for (const text of ['{"__proto__":{"polluted":1}}', '{"__proto__":{"polluted":9007199254740993}}']) {
      const value = parseJson(text) as { polluted?: JsonValue };
      expect(Object.keys(value)).toStrictEqual(['__proto__']);
      expect(value.polluted).toBeUndefined();
      expect(stringifyJson(value)).toBe(text);
    }
    expect(({} as { polluted?: number }).polluted).toBeUndefined();
  });

  it('let the last of equal keys win', () => {
    expect(parseJson('{"a":9007199254740993,"a":1}')).toStrictEqual({ a: 1 });
    expect(parseJson('{"a":1,"a":9007199254740993}')).toStrictEqual({ a: sent('9007199254740993') });
  });
});

describe('parseJson refuses', () => {
  it.each(['', 'abc', '[1,]', '{"a":1', '01', '1 2', '\ufeff1', "{'a':1}", 'NaN', '[9007199254740993,]'])(
    '%j',
    (text) => {
      expect(failure(() => parseJson(text)).code).toBe('not-json');
      expect(failure(() => parseJson(Buffer.from(text))).code).toBe('not-json');
    },
  );

  it('bytes that are not UTF-8', () => {
    expect(failure(() => parseJson(Uint8Array.of(0x22, 0xff, 0x22))).code).toBe('not-json');
    expect(failure(() => parseJson(Uint8Array.of(0x22, 0xed, 0xa0, 0x80, 0x22))).code).toBe('not-json');
  });

  it('without quoting the text', () => {
    const error = failure(() => parseJson('{"card": secret-4111}'));
    expect(error.message).not.toContain('4111');
    expect(error.message).not.toContain('secret');
    expect(failure(() => parseJson('x at position 41')).position).toBeUndefined();
    expect(failure(() => parseJson('{"a":1 "b":2}')).position).toBe(7);
  });

  it('more than 64 levels, or as many as the caller says', () => {
    const nested = (levels: number) => `${'[{"[":'.repeat(levels / 2)}1${'}]'.repeat(levels / 2)}`;
    expect(stringifyJson(parseJson(nested(64)))).toBe(nested(64));
    expect(failure(() => parseJson(nested(66)))).toMatchObject({ code: 'too-deep', position: 192 });
    expect(failure(() => parseJson('[[[1]]]', { maxDepth: 2 }))).toMatchObject({ code: 'too-deep', position: 2 });
    expect(failure(() => parseJson('['.repeat(1e6))).code).toBe('too-deep');
    expect(failure(() => parseJson(`${'['.repeat(1e5)}1e400${']'.repeat(1e5)}`, { maxDepth: 1e6 })).code).toBe(
      'too-deep',
    );
  });

  it('but not brackets in strings', () => {
    const text = JSON.stringify(`"\\${'['.repeat(100)}`);
    expect(parseJson(text)).toBe(JSON.parse(text));
  });
});
