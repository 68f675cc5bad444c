/** What `npm run bench -- cost` rests on: nothing is lost on the way to blocks, counts come to what they are made of, and prices matter. */
import { beforeAll, describe, expect, it } from 'vitest';
import { HOUR_MS } from '../../../shared/readings/blocks/spans.ts';
import { readDays } from '../../../shared/readings/read-days.ts';
import { billOf, readPrices, type Usage } from '../../bench/cost/bill.ts';
import { type CompactedDays, compactedDays, tableBytes } from '../../bench/cost/compacted-days.ts';
import { ingestSpell } from '../../bench/cost/ingest-spell.ts';
import { fleetOf } from '../../bench/load/fleet.ts';

describe('a day of two devices, a reading every 30 s', () => {
  let day: CompactedDays;
  beforeAll(async () => {
    day = await compactedDays({ devices: 2, paceMs: 30_000, days: 1, windowMs: 0 });
  });

  const partitions = (of: string) =>
    day.cloud.items('readings').filter(({ pk }) => new RegExp(`#${of}#[^#]+#dev_`).test(String(pk?.S)));

  it('is in an hour block for each device and hour, and in a summary for each device', () => {
    expect(day.readings).toBe(2 * 24 * 120);
    expect(partitions('R')).toHaveLength(2 * 24);
    expect(partitions('S')).toHaveLength(2);
  });

  it('is found again, reading by reading', async () => {
    const { bucket, product } = day.fleet;
    let found = 0;
    for await (const { groups } of readDays(day.newSession(), { bucket, products: [product], order: 'asc' })) {
      for (const { rows } of groups) found += rows.length;
    }
    expect(found).toBe(day.readings);
  });

  it('counts a sweep and a compaction an hour, and those that end its key', () => {
    expect(day.lastDay).toMatchObject({ readings: day.readings, invocations: 2 * 24 + 2 });
    expect(day.lastDay.tally.s3Puts).toBeGreaterThan(0);
    // 48 blocks, 24 catalogs and 2 summaries of a unit each are less than half of it: leases, watermarks and due rows are the rest.
    expect(day.lastDay.tally.writeUnits).toBeGreaterThan(48 + 24 + 2);
  });

  it('keeps the blocks, the catalog and the summaries, each with 100 bytes more', () => {
    const { staying, ending } = tableBytes(day);
    expect(staying).toBeGreaterThan(100 * (48 + 2 + 1));
    expect(ending).toBe(0);
  });
});

describe('ingest by five pollers', () => {
  it('reads in each container for its own caches', async () => {
    const load = { fleets: [fleetOf(10, 0), fleetOf(10, 1)], readings: 200, paceMs: 10_000 };
    const [one, five] = await Promise.all(
      [1, 5].map((pollers) => ingestSpell({ ...load, model: { windowMs: HOUR_MS, pollers } })),
    );
    expect([one?.readings, one?.batches, five?.readings, five?.batches]).toEqual([200, 1, 200, 5]);
    // A block for each account and batch.
    expect([one?.tally.itemsWritten, five?.tally.itemsWritten]).toEqual([2 + 2, 10 + 10]);
    expect(five?.queueRequests).toBeGreaterThanOrEqual(200 + 2 * 20);
    expect(five?.tally.readUnits).toBeGreaterThan(4 * (one?.tally.readUnits ?? 0));
  });
});

describe('a bill', () => {
  const usage: Usage = {
    sqsRequests: 1.2,
    lambdaRequests: 0.01,
    writeUnits: 0.02,
    readUnits: 0.03,
    kmsRequests: 0.001,
    s3Puts: 0,
    keptBytes: 2 ** 30 / 1e6,
  };
  const prices = readPrices();

  it('is the sum of its parts, worked out by hand', () => {
    const { total, ...parts } = billOf(usage, prices);
    expect(parts).toEqual({
      messaging: 1,
      'rule and action': expect.closeTo(0.3),
      SQS: expect.closeTo(0.48),
      'Lambda requests': expect.closeTo(0.002),
      'DynamoDB writes': expect.closeTo(0.0125),
      'DynamoDB reads': expect.closeTo(0.00375),
      'a month’s storage': expect.closeTo(0.45),
      'KMS and S3': expect.closeTo(0.003),
    });
    expect(total).toBeCloseTo(2.25125, 5);
  });

  it('changes with each price', () => {
    const { total } = billOf({ ...usage, s3Puts: 1 }, prices);
    for (const name of Object.keys(prices.perMillion)) {
      const dearer = { ...prices, perMillion: { ...prices.perMillion, [name]: 100 } };
      expect(billOf({ ...usage, s3Puts: 1 }, dearer).total).toBeGreaterThan(total);
    }
  });
});
