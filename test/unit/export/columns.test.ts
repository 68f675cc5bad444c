import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { cellOf } from '../../../shared/export/tables/cell.ts';
import type { Column } from '../../../shared/export/tables/column.ts';
import { ColumnFinder, MAX_COLUMNS, MAX_PATH } from '../../../shared/export/tables/columns.ts';
import { isObject, JsonNumber, type JsonValue, parseJson, stringifyJson } from '../../../shared/platform/json-value.ts';
import { json, RUNS } from '../readings/codec/arbitraries.ts';

const finderOf = (values: readonly JsonValue[]) => {
  const finder = new ColumnFinder();
  for (const value of values) finder.see(value);
  return finder;
};
const found = (...texts: string[]) => finderOf(texts.map((text) => parseJson(text))).columns();
const shown = (columns: readonly Column[] | undefined) => columns?.map(({ name, type }) => `${name}: ${type}`);

/** Path and cell of all that has one, written anew. */
const leaves = (value: JsonValue, path: string[] = []): [string, JsonValue][] => {
  if (value === null) return [];
  if (!isObject(value)) return [[JSON.stringify(path), value]];
  return Object.entries(value).flatMap(([name, member]) => leaves(member, [...path, name]));
};

const typeOf = (values: JsonValue[]) => {
  const all = (test: (value: JsonValue) => boolean) => values.every(test);
  if (all((value) => typeof value === 'boolean')) return 'boolean';
  if (all((value) => Number.isSafeInteger(value))) return 'integer';
  if (all((value) => typeof value === 'number' || value instanceof JsonNumber)) return 'number';
  return all((value) => typeof value === 'string') ? 'string' : 'json';
};

describe('the columns of values', () => {
  it.each([
    [
      'scalars at any depth',
      ['{"t":1,"position":{"lat":40.5,"lng":-3}}'],
      ['position.lat: number', 'position.lng: integer', 't: integer'],
    ],
    ['the value itself', ['5', '6.5'], ['value: number']],
    ['a value that is an array', ['[1]'], ['value: json']],
    ['null and objects without members are absent', ['{"a":null,"b":{},"c":{"d":null}}', 'null'], []],
    ['an array is one cell', ['{"a":[1,{"b":2}]}'], ['a: json']],
    ['several types', ['{"a":1,"b":"x","c":true}', '{"a":"x","b":false,"c":1}'], ['a: json', 'b: json', 'c: json']],
    [
      'numbers beyond safe integers',
      ['{"a":1,"b":9007199254740992}', '{"a":9007199254740993,"b":1}'],
      ['a: number', 'b: number'],
    ],
    [
      'scalars and objects side by side',
      ['{"a":1}', '{"a":{"b":2}}', '3'],
      ['a: integer', 'a.b: integer', 'value: integer'],
    ],
  ])('%s', (_, texts, expected) => {
    expect(shown(found(...texts))).toEqual(expected);
  });

  it('are what every path of any values says, in whatever order and steps they are seen', () => {
    fc.assert(
      fc.property(fc.array(json, { maxLength: 12 }), fc.nat(12), (values, at) => {
        const byPath = Map.groupBy(
          values.flatMap((value) => leaves(value)),
          ([path]) => path,
        );
        const columns = finderOf(values).columns() ?? [];
        const types = columns.map(({ path, type }) => [JSON.stringify(path), type]);
        expect(new Map(types as [string, string][])).toEqual(
          new Map([...byPath].map(([path, cells]) => [path, typeOf(cells.map(([, cell]) => cell))])),
        );
        expect(new Set(columns.map(({ name }) => name.toLowerCase())).size).toBe(columns.length);
        expect(columns.map(({ name }) => name)).toEqual(columns.map(({ name }) => name).sort());

        const state = JSON.parse(JSON.stringify(finderOf(values.slice(0, at))));
        const resumed = ColumnFinder.from(state);
        for (const value of values.slice(at).reverse()) resumed.see(value);
        expect(resumed.columns()).toEqual(columns);
      }),
      RUNS,
    );
  });

  it('give back every cell', () => {
    fc.assert(
      fc.property(fc.array(json, { maxLength: 12 }), (values) => {
        const columns = finderOf(values).columns() ?? [];
        for (const value of values) {
          const cells = new Map(leaves(value));
          for (const column of columns) {
            const cell = cells.get(JSON.stringify(column.path));
            const expected = cell !== undefined && column.type === 'json' ? stringifyJson(cell) : cell;
            expect(cellOf(value, column)).toEqual(expected);
          }
        }
      }),
      RUNS,
    );
  });

  it('are found by members of any name', () => {
    const columns = found('{"__proto__":{"polluted":1},"constructor":2,"toString":"x"}');
    expect(shown(columns)).toEqual(['__proto__.polluted: integer', 'constructor: integer', 'toString: string']);
    expect(({} as { polluted?: unknown }).polluted).toBeUndefined();
    for (const column of columns ?? []) expect(cellOf({}, column)).toBeUndefined();
  });
});

describe('too much', () => {
  const many = (count: number) => Object.fromEntries(Array.from({ length: count }, (_, i) => [`m${i}`, i]));

  it(`is more than ${MAX_COLUMNS} columns, for good`, () => {
    expect(finderOf([many(MAX_COLUMNS), many(MAX_COLUMNS)]).columns()).toHaveLength(MAX_COLUMNS);
    const finder = finderOf([many(MAX_COLUMNS), { one: 1 }]);
    expect(finder.columns()).toBeUndefined();
    const resumed = ColumnFinder.from(JSON.parse(JSON.stringify(finder)));
    resumed.see({ a: 1 });
    expect(resumed.columns()).toBeUndefined();
    const full = ColumnFinder.from(JSON.parse(JSON.stringify(finderOf([many(MAX_COLUMNS)]))));
    full.see({ one: 1 });
    expect(full.columns()).toBeUndefined();
  });

  it(`is a path of more than ${MAX_PATH} characters`, () => {
    const half = 'x'.repeat(MAX_PATH / 2);
    expect(finderOf([{ [half]: { [half.slice(1)]: 1 } }]).columns()).toHaveLength(1);
    expect(finderOf([{ [half]: { [half]: 1 } }]).columns()).toBeUndefined();
  });

  it('is not what has no cells, however many names it has', () => {
    const finder = new ColumnFinder();
    for (let i = 0; i < 1000; i++) finder.see({ [`a${i}`]: {}, [`b${i}`]: null, [`c${i}`]: { d: { e: null } } });
    expect(finder.toJSON()).toEqual({ columns: [] });
  });
});

describe('a cell', () => {
  it.each([
    ['integer', '1.5'],
    ['integer', '9007199254740993'],
    ['number', '"1"'],
    ['boolean', '1'],
    ['string', 'true'],
    ['string', '[1]'],
  ] as const)('of another type than its column, %s, is absent: %s', (type, text) => {
    expect(cellOf(parseJson(`{"a":${text}}`), { name: 'a', path: ['a'], type })).toBeUndefined();
  });
});
