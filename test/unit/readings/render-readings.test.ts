import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type JsonValue, parseJson, stringifyJson } from '../../../shared/platform/json-value.ts';
import { csvHead, csvLine, fieldOf, jsonLine, pickFields } from '../../../shared/readings/render-readings.ts';
import { json } from './codec/arbitraries.ts';

/** RFC 4180, written anew. */
function parseCsv(text: string): string[][] {
  const rows: string[][] = [];
  let row: string[] = [];
  for (let at = 0; at < text.length; ) {
    const quoted = text[at] === '"';
    const cell = quoted ? /"((?:[^"]|"")*)"/y : /([^",\r\n]*)/y;
    cell.lastIndex = at;
    const found = cell.exec(text);
    if (!found) throw new Error(`No cell at ${at}: ${text.slice(at, at + 40)}`);
    row.push(quoted ? (found[1] ?? '').replaceAll('""', '"') : (found[1] ?? ''));
    at = cell.lastIndex;
    if (text[at] === ',') at += 1;
    else if (text.slice(at, at + 2) === '\r\n') {
      at += 2;
      rows.push(row);
      row = [];
    } else throw new Error(`Neither a comma nor an end of line at ${at}`);
  }
  return rows;
}

const of = (value: JsonValue) => ({ ts: 0, device: 'dev_a', stream: 's', value });

describe('CSV', () => {
  it('reads back, by another parser, as what it was made of', () => {
    fc.assert(
      fc.property(json, (value) => {
        const rows = parseCsv(csvHead(undefined) + csvLine(of(value), undefined));
        expect(rows).toEqual([
          ['ts', 'device', 'stream', 'value'],
          ['1970-01-01T00:00:00.000Z', 'dev_a', 's', stringifyJson(value)],
        ]);
      }),
    );
  });

  it('has a column a field, whatever it is called', () => {
    const names = fc.uniqueArray(fc.string({ minLength: 1, unit: 'grapheme' }), { minLength: 1, maxLength: 5 });
    fc.assert(
      fc.property(names, json, (fields, value) => {
        const [head, line] = parseCsv(csvHead(fields) + csvLine(of(value), fields));
        expect(head?.slice(3)).toEqual(fields);
        expect(line?.slice(3)).toEqual(
          fields.map((field) => {
            const found = fieldOf(value, field);
            return found === undefined ? '' : stringifyJson(found);
          }),
        );
      }),
    );
  });

  it('starts no cell with a sign that a spreadsheet takes for a formula, but for a number’s', () => {
    for (const value of ['=1+1', '@SUM(A1)', '+1', '-1', '\t=1']) expect(csvLine(of(value), undefined)).toMatch(/,"""/);
  });
});

describe('NDJSON', () => {
  it('is one line a reading, which reads back as it was', () => {
    fc.assert(
      fc.property(json, (value) => {
        const line = jsonLine(of(value), undefined);
        expect(line.indexOf('\n')).toBe(line.length - 1);
        expect(stringifyJson((parseJson(line, { maxDepth: 200 }) as { value: JsonValue }).value)).toBe(
          stringifyJson(value),
        );
      }),
    );
  });
});

describe('a field', () => {
  const value = parseJson(
    '{"a":{"b":{"c":1},"b.c":2},"a.b.c":3,"d":[{"e":4}],"__proto__":{"f":5},"n":null,"big":1e400}',
  );

  it.each([
    ['a.b.c', '3'],
    ['a.b', '{"c":1}'],
    ['a', '{"b":{"c":1},"b.c":2}'],
    ['n', 'null'],
    ['__proto__.f', '5'],
    ['big', '1e400'],
  ])('%s is %s', (path, expected) => {
    expect(stringifyJson(fieldOf(value, path) as JsonValue)).toBe(expected);
  });

  it.each([
    '',
    '.',
    'a.',
    '.a',
    'a..b',
    'x',
    'a.x',
    'd.0',
    'd.length',
    'n.x',
    'toString',
    'constructor',
    'big.source',
    'a.b.c.d',
  ])('%j is none', (path) => {
    expect(fieldOf(value, path)).toBeUndefined();
  });

  it('that is picked is named as it was asked for, and left out where there is none', () => {
    expect(stringifyJson(pickFields(value, ['a.b', 'x', '__proto__']))).toBe('{"a.b":{"c":1},"__proto__":{"f":5}}');
  });
});
