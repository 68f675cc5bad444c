import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { summariesServe, summariseDay } from '../../../../shared/readings/aggregate/day-summary.ts';
import { parseEvery } from '../../../../shared/readings/aggregate/every.ts';
import { TooManyFields } from '../../../../shared/readings/aggregate/field-table.ts';
import { intervalsOf } from '../../../../shared/readings/aggregate/intervals.ts';
import {
  type FoundRow,
  type Item,
  type RowPosition,
  rowCollector,
} from '../../../../shared/readings/aggregate/row-collector.ts';
import type { FoundReading, Order } from '../../../../shared/readings/page-collector.ts';
import { DAY, groupsOf, HOUR, modelRows, readings, START, shownAs } from './model.ts';

const intervals = (every: string, timeZone: string) => {
  const parsed = parseEvery(every);
  if (!parsed) throw new Error(every);
  return intervalsOf(parsed, timeZone);
};

interface Chunk {
  readonly items: readonly Item[];
  readonly bound: number;
}

type Options = Omit<Parameters<typeof rowCollector>[0], 'after' | 'sizeOf'>;

/** Slices of time, with a summary in place of readings where it serves and `wanted` says so. */
function slices(
  all: readonly FoundReading[],
  options: Options,
  wanted: (day: number, device: string) => boolean,
): Chunk[] {
  const { order, from = 0, to = Number.MAX_SAFE_INTEGER, stream } = options;
  const chunks = [0, 1, 2].map((n) => {
    const day = START + n * DAY;
    const items = ['dev_b', 'dev_a'].map((device): Item => {
      const ofDay = all.filter((one) => one.device === device && one.ts >= day && one.ts < day + DAY);
      const summary =
        wanted(day, device) && summariesServe(options.intervalAt, options, day)
          ? summariseDay(device, day, groupsOf(ofDay))
          : undefined;
      const selected = ofDay.filter(
        (one) => one.ts >= from && one.ts < to && (stream === undefined || one.stream === stream),
      );
      return summary ? { kind: 'summary', summary } : { kind: 'rows', groups: groupsOf(selected) };
    });
    return { items, bound: order === 'asc' ? day + DAY : day };
  });
  return order === 'asc' ? chunks : chunks.reverse();
}

/** All pages, each read from the first slice until the page is full, as a query does. */
function pagesOf(chunks: readonly Chunk[], options: Options, sizeOf: (row: FoundRow) => number = () => 0) {
  const pages: FoundRow[][] = [];
  let read = 0;
  for (let after: RowPosition | undefined, last = false; !last; ) {
    const collector = rowCollector({ ...options, after, sizeOf });
    for (const { items, bound } of chunks) {
      read += 1;
      for (const item of items) collector.add(item);
      if (collector.isFull(bound)) break;
    }
    const page = collector.page();
    pages.push(page.rows);
    after = page.next;
    last = after === undefined;
  }
  return { pages, read };
}

describe('rows', () => {
  it('are those of the plain model: over pages, orders, slices, with summaries or without', () => {
    const zones = fc.constantFrom('UTC', 'Europe/Madrid', 'Asia/Kolkata', 'Australia/Lord_Howe');
    const range = fc.constantFrom<{ from?: number; to?: number }>(
      {},
      { from: START + 90 * 60_000 },
      { from: START + HOUR, to: START + DAY + HOUR },
      { to: START + 2 * DAY + 7 },
    );
    fc.assert(
      fc.property(
        readings,
        fc.constantFrom('1s', '20m', '1h', '6h', '1d', '1w'),
        zones,
        range,
        fc.record({
          order: fc.constantFrom<Order>('asc', 'desc'),
          limit: fc.integer({ min: 1, max: 9 }),
          fields: fc.constantFrom(undefined, ['t'], ['h.x', 'value', 'nothing']),
          stream: fc.constantFrom(undefined, 's'),
        }),
        fc.func(fc.boolean()),
        (all, every, timeZone, span, query, wanted) => {
          const intervalAt = intervals(every, timeZone);
          const options = { ...span, ...query, intervalAt };
          const { pages } = pagesOf(slices(all, options, wanted), options);
          const { from = 0, to = Number.MAX_SAFE_INTEGER } = span;
          const selected = all.filter(
            ({ ts, stream }) => ts >= from && ts < to && (query.stream === undefined || stream === query.stream),
          );
          const expected = modelRows(selected, intervalAt, query.fields);
          expect(pages.flat().map(shownAs)).toEqual(query.order === 'asc' ? expected : expected.reverse());
          expect(pages.slice(0, -1).every((page) => page.length === query.limit)).toBe(true);
        },
      ),
      { numRuns: 400 },
    );
  });

  const reading = (ts: number, value: FoundReading['value'] = { n: ts }): FoundReading => ({
    ts,
    device: 'dev_a',
    stream: 's',
    value,
  });

  it('of a second each, over years, are read no farther than the page goes', () => {
    for (const order of ['asc', 'desc'] as const) {
      const collector = rowCollector({
        intervalAt: intervals('1s', 'Europe/Madrid'),
        order,
        limit: 1000,
        sizeOf: () => 0,
      });
      const step = order === 'asc' ? 1 : -1;
      let slice = 0;
      let full = false;
      for (; !full && slice < 3650; slice++) {
        const day = START + step * slice * DAY;
        collector.add({
          kind: 'rows',
          groups: groupsOf(Array.from({ length: 300 }, (_, i) => reading(day + i * 60_000))),
        });
        full = collector.isFull(order === 'asc' ? day + DAY : day);
      }
      expect(slice).toBe(4);
      const { rows, next } = collector.page();
      expect([rows.length, next?.from]).toEqual([1000, rows[999]?.from]);
    }
  });

  it('end a page at 4 MB, of what is held or as it is rendered', () => {
    const wide = Object.fromEntries(Array.from({ length: 900 }, (_, i) => [`field-${i}`, i]));
    const all = Array.from({ length: 120 }, (_, i) => reading(START + i * 60_000, wide));
    const options: Options = { intervalAt: intervals('1m', 'UTC'), order: 'asc', limit: 1000 };
    const chunk = [{ items: [{ kind: 'rows' as const, groups: groupsOf(all) }], bound: START + DAY }];
    const wideRows = pagesOf(chunk, options).pages;
    expect(wideRows.flat().map(({ from }) => from)).toEqual(all.map(({ ts }) => ts));
    expect(wideRows.map((page) => page.length)).toEqual([63, 57]);
    const rendered = pagesOf(chunk, { ...options, fields: ['field-1'] }, () => 1024 * 1024).pages;
    expect(rendered.map((page) => page.length)).toEqual(Array(30).fill(4));
  });

  it('of too many fields are refused, unless the fields are named', () => {
    const names = (from: number) => Object.fromEntries(Array.from({ length: 600 }, (_, i) => [`f${from + i}`, i]));
    const groups = groupsOf([reading(START, names(0)), reading(START + 1, names(600))]);
    const options = { intervalAt: intervals('1h', 'UTC'), order: 'asc', limit: 10, sizeOf: () => 0 } as const;
    expect(() => rowCollector(options).add({ kind: 'rows', groups })).toThrow(TooManyFields);
    const named = rowCollector({ ...options, fields: ['f1', 'f700'] });
    named.add({ kind: 'rows', groups });
    expect(named.page().rows.map((row) => row.fields.size)).toEqual([2]);
  });
});
