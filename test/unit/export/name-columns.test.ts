import { describe, expect, it } from 'vitest';
import { ColumnFinder } from '../../../shared/export/tables/columns.ts';
import { parseJson } from '../../../shared/platform/json-value.ts';

const found = (...texts: string[]) => {
  const finder = new ColumnFinder();
  for (const text of texts) finder.see(parseJson(text));
  return finder.columns();
};

describe('names', () => {
  it.each([
    [
      'of the columns that all have',
      '{"ts":1,"Device":2,"stream":3,"receivedAt":4,"value":5}',
      ['Device_', 'receivedAt_', 'stream_', 'ts_', 'value'],
    ],
    ['that differ in case', '{"a":1,"A":2,"a_":3}', ['A', 'a_', 'a__']],
    ['that dots make equal', '{"a.b":1,"a":{"b":2}}', ['a.b', 'a.b_']],
    ['that are empty', '{"":1,"a":{"":2}}', ['_', 'a.']],
    ['that Parquet needs', '{"value":1,"value_":2}', ['value', 'value__']],
    ['that no UTF-8 holds', '{"\\ud800":1,"\\ud801":2}', ['\ufffd', '\ufffd_']],
  ])('%s', (_, text, expected) => {
    expect(found(text)?.map(({ name }) => name)).toEqual(expected);
  });

  it('go to the shorter path first', () => {
    const columns = found('{"a.b":1,"a":{"b":2},"value":3}', '4');
    expect(columns?.map(({ name, path }) => [name, ...path])).toEqual([
      ['a.b', 'a.b'],
      ['a.b_', 'a', 'b'],
      ['value'],
      ['value__', 'value'],
    ]);
  });
});
