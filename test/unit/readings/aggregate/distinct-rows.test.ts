import { describe, expect, it } from 'vitest';
import { canonicalJson, parseJson } from '../../../../shared/platform/json-value.ts';
import { distinctRows } from '../../../../shared/readings/aggregate/distinct-rows.ts';
import type { Group } from '../../../../shared/readings/codec/block.ts';

const group = (device: string, stream: string, ...rows: [ts: number, json: string][]): Group => ({
  device,
  stream,
  buckets: [],
  rows: rows.map(([ts, json]) => ({ ts, receivedAt: ts, value: parseJson(json) })),
});

const shown = (groups: Group[]) =>
  distinctRows(groups).map(({ device, stream, rows }) => [
    `${device} ${stream}`,
    ...rows.map(({ ts, value }) => `${ts} ${canonicalJson(value)}`),
  ]);

describe('readings out of blocks', () => {
  it('are each there once, in the order of time, by device and stream', () => {
    const groups = [
      group('a', 's', [5, '{"n":1}'], [3, '{"n":1}']),
      group('b', 's', [3, '{"n":1}']),
      group('a', 't', [3, '{"n":1}']),
      group('a', 's', [3, '{"n":1}'], [4, '{"n":1}'], [5, '{"n":1}']),
    ];
    expect(shown(groups)).toEqual([
      ['a s', '3 {"n":1}', '4 {"n":1}', '5 {"n":1}'],
      ['b s', '3 {"n":1}'],
      ['a t', '3 {"n":1}'],
    ]);
  });

  it('are equal by their values, however they were written; others of the same time all stay, in one order', () => {
    const rows: [number, string][] = [
      [1, '{"a":1,"b":[0]}'],
      [1, '{"b":[-0],"a":10e-1}'],
      [1, '{"a":1,"b":["0"]}'],
      [1, '9007199254740993'],
      [1, '9007199254740992'],
    ];
    const [found] = shown([group('a', 's', ...rows)]);
    expect(found).toHaveLength(1 + 4);
    const [backwards] = shown(rows.toReversed().map((row) => group('a', 's', row)));
    expect(backwards).toEqual(found);
  });
});
