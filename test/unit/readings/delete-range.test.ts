/** What a range takes out of a block, against a plain model: exactly the readings that match, for exactly the bucket that is named. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Group } from '../../../shared/readings/codec/block.ts';
import { type ReadingRange, withoutRange } from '../../../shared/readings/delete-range.ts';

const name = (...names: string[]) => fc.constantFrom(...names);
const groups: fc.Arbitrary<Group[]> = fc.array(
  fc.record({
    device: name('d1', 'd2'),
    stream: name('s1', 's2'),
    buckets: fc.uniqueArray(name('b1', 'b2', 'b3'), { minLength: 1 }),
    rows: fc.array(fc.record({ ts: fc.integer({ min: 0, max: 9 }), receivedAt: fc.nat(), value: fc.nat() }), {
      minLength: 1,
      maxLength: 6,
    }),
  }),
  { maxLength: 6 },
);
const range: fc.Arbitrary<ReadingRange> = fc.record(
  {
    bucket: name('b1', 'b2'),
    device: name('d1', 'd2'),
    stream: name('s1', 's2'),
    from: fc.integer({ min: 0, max: 9 }),
    to: fc.integer({ min: 0, max: 10 }),
  },
  { requiredKeys: [] },
);

/** One line for each bucket that holds each reading, in no order. */
const held = (all: readonly Group[]): string[] =>
  all
    .flatMap(({ device, stream, buckets, rows }) =>
      rows.flatMap((row) => buckets.map((bucket) => JSON.stringify({ bucket, device, stream, ...row }))),
    )
    .toSorted();

const hit = (line: string, { bucket, device, stream, from = -1, to = 11 }: ReadingRange): boolean => {
  const one = JSON.parse(line);
  return (
    [bucket ?? one.bucket, device ?? one.device, stream ?? one.stream].join() ===
      [one.bucket, one.device, one.stream].join() &&
    one.ts >= from &&
    one.ts < to
  );
};

describe('what is left of a block', () => {
  it('is what doesn’t match, and nothing else changes', () => {
    fc.assert(
      fc.property(groups, range, (block, what) => {
        const left = withoutRange(block, what);
        expect(held(left ?? block)).toEqual(held(block).filter((line) => !hit(line, what)));
        // Empty groups, and readings of no bucket, would take room for nothing.
        for (const group of left ?? []) expect([group.rows.length > 0, group.buckets.length > 0]).toEqual([true, true]);
        expect(left === undefined).toBe(!held(block).some((line) => hit(line, what)));
        // Twice is once.
        if (left) expect(withoutRange(left, what)).toBeUndefined();
      }),
      { numRuns: 500 },
    );
  });
});
