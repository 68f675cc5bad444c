/** The arithmetic behind `npm run bench -- ingest`, against figures worked out by hand from DynamoDB's developer guide. */
import { describe, expect, it } from 'vitest';
import { itemBytes, readUnits, writeUnits } from '../../bench/cloud/capacity.ts';

describe('the size of an item', () => {
  it('is its names and values, text in UTF-8 and binaries as their bytes', () => {
    // pk: 2 + 5, sk: 2 + 2 (é is two bytes), s: 1 + 3 bytes behind the base64
    expect(itemBytes({ pk: { S: 'A#abc' }, sk: { S: 'é' }, s: { B: 'AQID' } })).toBe(7 + 4 + 4);
  });

  it('counts a byte for two significant digits of a number, and one more', () => {
    // n: 1 + (1 + 1) for 7 and 70, + (2 + 1) for 123, + (1 + 1) for 0.05, + (7 + 1) for a time in ms
    const size = (N: string) => itemBytes({ n: { N } });
    expect(['7', '70', '123', '0.05', '-21.5', '1790812800123'].map(size)).toEqual([3, 3, 4, 3, 4, 9]);
  });

  it('counts 3 bytes for a list or map, and one for each element', () => {
    // v: 1 + 3 + one element's (1 + 't' 1 + (2 + 1) for 21.5)
    expect(itemBytes({ v: { M: { t: { N: '21.5' } } } })).toBe(9);
    // l: 1 + 3 + (1 + 2 bytes of text) + (1 + 1 for a boolean) + (1 + 1 for null)
    expect(itemBytes({ l: { L: [{ S: 'ab' }, { BOOL: true }, { NULL: true }] } })).toBe(11);
  });
});

describe('units', () => {
  it('are one for each begun KB written', () => {
    expect([1, 1024, 1025, 400 * 1024].map(writeUnits)).toEqual([1, 1, 2, 400]);
  });

  it('are one for each begun 4 KB read, and one for finding nothing', () => {
    expect([0, 4096, 4097].map(readUnits)).toEqual([1, 1, 2]);
  });
});
