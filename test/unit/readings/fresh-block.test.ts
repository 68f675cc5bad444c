/** How fresh blocks are laid out, and over which shards they are spread. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { decodeBlock } from '../../../shared/readings/codec/block.ts';
import { type NumberedGroup, packFresh, unpackFresh } from '../../../shared/readings/fresh-block.ts';
import { shardFor, shardsOf } from '../../../shared/readings/fresh-shards.ts';

const SECOND = 1_790_000_000_000;
const row = (ts: number, value: number | string = ts) => ({ ts, receivedAt: SECOND, value });
const group = (number: number, stream: string, buckets: string[], ...times: number[]): NumberedGroup => ({
  number,
  stream,
  buckets,
  rows: times.map((ts) => row(ts)),
});

describe('a fresh block', () => {
  it('gives back every group, by number, with arrival to the second', () => {
    const groups = fc.array(
      fc.record({
        number: fc.integer({ min: 1, max: 1_000_000 }),
        stream: fc.string(),
        buckets: fc.array(fc.string(), { maxLength: 3 }),
        rows: fc.array(fc.record({ ts: fc.nat(), receivedAt: fc.nat(), value: fc.integer() }), {
          minLength: 1,
          maxLength: 5,
        }),
      }),
      { maxLength: 20 },
    );
    fc.assert(
      fc.property(groups, (given) => {
        const expected = given
          .map((of) => ({
            ...of,
            rows: of.rows.map((r) => ({ ...r, receivedAt: r.receivedAt - (r.receivedAt % 1000) })),
          }))
          .sort((a, b) => a.number - b.number);
        expect(unpackFresh(packFresh(given).bytes, {})).toEqual(expected);
      }),
    );
  });

  it('says how many readings it has, and between which times', () => {
    const { n, lo, hi } = packFresh([group(2, 's', ['b'], 7, 3), group(1, 's', ['b'], 5)]);
    expect([n, lo, hi]).toEqual([3, 3, 7]);
  });

  const filtered = packFresh([
    group(3, 'a', ['x', 'y'], 10, 20),
    group(7, 'a', ['y'], 20, 30),
    group(7, 'b', ['x'], 40),
    group(9, 'b', ['y'], 10),
  ]).bytes;
  it.each([
    ['a device', { number: 7 }, ['7 a 20 30', '7 b 40']],
    ['a device that is not there', { number: 4 }, []],
    ['a stream', { stream: 'b' }, ['7 b 40', '9 b 10']],
    ['a bucket', { bucket: 'x' }, ['3 a 10 20', '7 b 40']],
    ['a time', { from: 20, to: 40 }, ['3 a 20', '7 a 20 30']],
    ['all of them', { number: 7, stream: 'a', bucket: 'y', from: 30 }, ['7 a 30']],
    ['another bucket of the device', { number: 9, bucket: 'x' }, []],
  ])('is filtered by %s', (_, filter, expected) => {
    const found = unpackFresh(filtered, filter);
    expect(found.map(({ number, stream, rows }) => [number, stream, ...rows.map(({ ts }) => ts)].join(' '))).toEqual(
      expected,
    );
  });

  it('names neighbours by next to nothing: a thousand devices in a row take no more than one and its distance', () => {
    const groups = Array.from({ length: 1000 }, (_, i) => group(5000 + i, 's', ['b'], SECOND));
    expect(new Set(decodeBlock(packFresh(groups).bytes).map(({ device }) => device))).toEqual(new Set(['5000', '1']));
    expect(packFresh(groups).bytes.length).toBeLessThan(200);
  });
});

describe('shards', () => {
  const SIZES = [0, 4095, 4096, 16_383, 16_384, 400_000];

  it('of a packet are one, four or sixteen, by the size of its block', () => {
    const numbers = Array.from({ length: 64 }, (_, i) => i + 1);
    const over = SIZES.map((bytes) => new Set(numbers.map(shardFor(bytes))).size);
    expect(over).toEqual([1, 1, 4, 4, 16, 16]);
  });

  it('of a device are three, which its number names, whatever the size', () => {
    for (let number = 1; number < 100; number++) {
      expect(shardsOf(number)).toHaveLength(3);
      for (const bytes of SIZES) expect(shardsOf(number)).toContain(shardFor(bytes)(number));
    }
  });
});
