/** What an aggregation must answer, by the plainest means: all readings in an array, decimals added as integers, no summaries. */
import fc from 'fast-check';
import type { JsonValue } from '../../../../shared/platform/json-value.ts';
import type { IntervalAt } from '../../../../shared/readings/aggregate/intervals.ts';
import { visitNumbers } from '../../../../shared/readings/aggregate/numbers-of.ts';
import type { FoundRow } from '../../../../shared/readings/aggregate/row-collector.ts';
import { AGGREGATES } from '../../../../shared/readings/aggregate/stats.ts';
import type { Group } from '../../../../shared/readings/codec/block.ts';
import { type FoundReading, pageCollector } from '../../../../shared/readings/page-collector.ts';
import { json } from '../codec/arbitraries.ts';

export const HOUR = 3_600_000;
export const DAY = 24 * HOUR;
/** A day before the clock is put forward in Madrid. */
export const START = Date.parse('2026-03-28T00:00:00Z');

/** Digits after the point that any double has room in. */
const DIGITS = 340;

/** The decimal that a double is printed as, in units of the last of those digits. */
export function exactly(number: number): bigint {
  const [mantissa = '', exponent = '0'] = String(Math.abs(number)).split('e');
  const [whole = '', fraction = ''] = mantissa.split('.');
  const units = BigInt(whole + fraction) * 10n ** BigInt(DIGITS - fraction.length + Number(exponent));
  return number < 0 ? -units : units;
}

export const nearest = (units: bigint) => Number(`${units}e-${DIGITS}`);
const finite = (number: number) => Math.min(Math.max(number, -Number.MAX_VALUE), Number.MAX_VALUE);

export interface ModelRow {
  readonly from: number;
  readonly to: number;
  readonly device: string;
  readonly stream: string;
  readonly values: Readonly<Record<string, Readonly<Record<string, number>>>>;
}

/** All rows in ascending order. */
export function modelRows(
  readings: readonly FoundReading[],
  intervalAt: IntervalAt,
  fields?: readonly string[],
): ModelRow[] {
  const collector = pageCollector({ order: 'asc', limit: readings.length + 1, sizeOf: () => 0 });
  for (const reading of readings) collector.add(reading);
  const rows = new Map<
    string,
    { from: number; to: number; device: string; stream: string; lists: Map<string, number[]> }
  >();
  for (const { ts, device, stream, value } of collector.page().readings) {
    const { from, to } = intervalAt(ts);
    const key = `${String(from).padStart(20, '0')} ${device} ${stream}`;
    const row = rows.get(key) ?? { from, to, device, stream, lists: new Map<string, number[]>() };
    visitNumbers(value, fields, (field, number) => {
      row.lists.set(field, [...(row.lists.get(field) ?? []), number]);
      rows.set(key, row);
    });
  }
  return [...rows]
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([, { lists, ...place }]) => ({
      ...place,
      values: Object.fromEntries([...lists].map(([field, numbers]) => [field, aggregatesOf(numbers)])),
    }));
}

function aggregatesOf(numbers: readonly number[]) {
  const units = numbers.reduce((sum, number) => sum + exactly(number), 0n);
  const sum = nearest(units);
  const mean = Number.isFinite(sum) ? sum / numbers.length : finite(nearest(units / BigInt(numbers.length)));
  return {
    mean,
    min: numbers.toSorted((a, b) => a - b)[0] as number,
    max: numbers.toSorted((a, b) => b - a)[0] as number,
    sum: finite(sum),
    count: numbers.length,
    first: numbers[0] as number,
    last: numbers.at(-1) as number,
  };
}

/** A row as it was collected, as the model has it. */
export const shownAs = ({ from, to, device, stream, fields }: FoundRow): ModelRow => ({
  from,
  to,
  device,
  stream,
  values: Object.fromEntries(
    fields
      .entries()
      .map(([field, stats]) => [field, Object.fromEntries(AGGREGATES.map((name) => [name, stats.get(name)]))]),
  ),
});

const value: fc.Arbitrary<JsonValue> = fc.oneof(
  fc.record(
    {
      t: fc.integer({ min: -300, max: 300 }).map((n) => n / 10),
      h: fc.record({ x: fc.double({ noNaN: true, noDefaultInfinity: true }) }),
    },
    {
      noNullPrototype: true,
    },
  ),
  fc.constantFrom<JsonValue>(1, 2.5, { t: 1 }, { t: 2 }),
  json,
);

/** Few times, devices and streams within three days, so that readings meet; some are there twice. */
export const readings: fc.Arbitrary<FoundReading[]> = fc
  .array(
    fc.record(
      {
        ts: fc.oneof(
          fc.integer({ min: START, max: START + 3 * DAY - 1 }),
          fc.constantFrom(START, START + HOUR, START + DAY, START + DAY + HOUR, START + DAY + HOUR - 1),
        ),
        device: fc.constantFrom('dev_a', 'dev_b'),
        stream: fc.constantFrom('s', 't'),
        value: value.filter((one) => one !== Number.POSITIVE_INFINITY && one !== Number.NEGATIVE_INFINITY),
      },
      { noNullPrototype: true },
    ),
    { maxLength: 40 },
  )
  .chain((all) => fc.subarray(all).map((again) => [...all, ...again]));

/** Readings as blocks hold them: a group for each, in their order. */
export const groupsOf = (all: readonly FoundReading[]): Group[] =>
  all.map(({ ts, device, stream, value: of }) => ({
    device,
    stream,
    buckets: ['bkt_a'],
    rows: [{ ts, receivedAt: ts, value: of }],
  }));
