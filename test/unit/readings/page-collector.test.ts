import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { equalJson, type JsonValue, parseJson } from '../../../shared/platform/json-value.ts';
import {
  type FoundReading,
  type Order,
  type Position,
  pageCollector,
} from '../../../shared/readings/page-collector.ts';

const none = () => 0;

/** Few times, devices, streams and values, so that readings meet. */
const reading = fc.record({
  ts: fc.integer({ min: 0, max: 3 }),
  device: fc.constantFrom('dev_a', 'dev_b'),
  stream: fc.constantFrom('s', 't'),
  value: fc
    .constantFrom('1', '1.0', '10e-1', '{"a":1,"b":2}', '{"b":2,"a":1}', '"1"', '9007199254740993')
    .map((text) => parseJson(text)),
});

/** All pages, each from what is found in another order: what a query does that reads its blocks anew for each. */
function pagesOf(
  found: readonly FoundReading[][],
  order: Order,
  limit: number,
  sizeOf: (r: FoundReading) => number = none,
) {
  const pages: FoundReading[][] = [];
  for (let after: Position | undefined, last = false; !last; ) {
    const collector = pageCollector({ order, limit, after, sizeOf });
    for (const one of found[pages.length % found.length] ?? []) collector.add(one);
    const page = collector.page();
    pages.push(page.readings);
    after = page.next;
    last = after === undefined;
  }
  return pages;
}

const place = ({ ts, device, stream }: FoundReading) => `${ts} ${device} ${stream}`;
const same = (a: FoundReading, b: FoundReading) => place(a) === place(b) && equalJson(a.value, b.value);
const distinct = (readings: readonly FoundReading[]) =>
  readings.filter((one, i) => readings.findIndex((other) => same(one, other)) === i);

describe('pages of readings', () => {
  it('are, put together, the plain sort of all that differ, in whatever order they are found', () => {
    fc.assert(
      fc.property(
        fc
          .array(reading, { maxLength: 60 })
          .chain((found) => fc.tuple(fc.constant(found), fc.shuffledSubarray(found, { minLength: found.length }))),
        fc.constantFrom<Order>('asc', 'desc'),
        fc.integer({ min: 1, max: 12 }),
        ([found, shuffled], order, limit) => {
          const pages = pagesOf([found, shuffled], order, limit);
          const all = pages.flat();
          const expected = distinct(found);
          expect(all).toHaveLength(expected.length);
          for (const one of expected) expect(all.some((other) => same(one, other))).toBe(true);
          const places = all.map(place);
          const sorted = expected.map(place).sort();
          expect(places).toEqual(order === 'asc' ? sorted : sorted.reverse());
          expect(pages.slice(0, -1).every((page) => page.length === limit)).toBe(true);
          // The other order is the same one backwards, also among readings of one time.
          const backwards = pagesOf([shuffled], order === 'asc' ? 'desc' : 'asc', 1000)
            .flat()
            .reverse();
          expect(backwards.every((one, i) => same(one, all[i] as FoundReading))).toBe(true);
        },
      ),
    );
  });

  it('are the same where reading stops at the slice of time that fills them', () => {
    fc.assert(
      fc.property(
        fc.array(reading, { maxLength: 60 }),
        fc.constantFrom<Order>('asc', 'desc'),
        fc.integer({ min: 1, max: 12 }),
        (found, order, limit) => {
          const slices = order === 'asc' ? [0, 1, 2, 3] : [3, 2, 1, 0];
          const expected = pagesOf([found], order, limit);
          let after: Position | undefined;
          for (const page of expected) {
            const collector = pageCollector({ order, limit, after, sizeOf: none });
            let read = 0;
            for (const slice of slices) {
              read += 1;
              for (const one of found) if (one.ts === slice) collector.add(one);
              if (collector.isFull(order === 'asc' ? slice + 1 : slice)) break;
            }
            const { readings, next } = collector.page();
            expect(readings.map(place)).toEqual(page.map(place));
            // It stops where the next page's first reading shows at the latest.
            const first = next && expected[expected.indexOf(page) + 1]?.[0];
            if (first) expect(read).toBeLessThanOrEqual(slices.indexOf(first.ts) + 1);
            after = next;
          }
          expect(after).toBeUndefined();
        },
      ),
    );
  });

  const large = (n: number, value: JsonValue): FoundReading[] =>
    Array.from({ length: n }, (_, ts) => ({ ts, device: 'dev_a', stream: 's', value }));
  const times = (readings: readonly FoundReading[]) => readings.map(({ ts }) => ts);

  it('end at 4 MB of values, and lose none', () => {
    const found = large(200, 'x'.repeat(128 * 1024));
    const shuffled = found.toSorted((a, b) => ((a.ts * 7) % 200) - ((b.ts * 7) % 200));
    const pages = pagesOf([found, shuffled, found.toReversed()], 'asc', 1000);
    expect(times(pages.flat())).toEqual(times(found));
    expect(new Set(pages.slice(0, -1).map((page) => page.length))).toEqual(new Set([31]));
  });

  it('end at 4 MB as they are rendered', () => {
    const pages = pagesOf([large(10, 1)], 'desc', 4, () => 2 * 1024 * 1024);
    expect(pages.map(times)).toEqual([
      [9, 8],
      [7, 6],
      [5, 4],
      [3, 2],
      [1, 0],
    ]);
    // One that is larger than a page is a page of its own.
    expect(pagesOf([large(3, 1)], 'asc', 10, () => 5 * 1024 * 1024).map(times)).toEqual([[0], [1], [2]]);
  });

  it('are full of 4 MB, too', () => {
    const collector = pageCollector({ order: 'asc', limit: 1000, sizeOf: none });
    for (const one of large(40, 'x'.repeat(128 * 1024))) collector.add(one);
    expect([collector.isFull(31), collector.isFull(40)]).toEqual([false, true]);
    expect(collector.page().readings).toHaveLength(31);
  });

  it('have no next one where nothing is left', () => {
    for (const [n, limit, expected] of [
      [0, 5, [0]],
      [5, 5, [5]],
      [6, 5, [5, 1]],
      [1, 1, [1]],
    ] as const)
      expect(pagesOf([large(n, null)], 'asc', limit).map((page) => page.length)).toEqual(expected);
  });
});
