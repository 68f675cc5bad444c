/** One case of `npm run bench -- ingest` worked out by hand: a wrong count, or a batch model that isn't as said, would show here. */
import { beforeAll, describe, expect, it } from 'vitest';
import { type Batch, batchesOf } from '../../bench/load/batches.ts';
import { fleetOf } from '../../bench/load/fleet.ts';
import { custodiaIngest, itemPerReading, type MeasuredFunction } from '../../bench/load/ingest-functions.ts';
import { quietly } from '../../bench/load/quietly.ts';

const READINGS = 60;
const ONE_POLLER = { windowMs: 1000, pollers: 1 };

async function run(fn: MeasuredFunction, batches: readonly Batch[]): Promise<MeasuredFunction['cloud']['tally']> {
  await quietly(async () => {
    for (const batch of batches) await fn.run(batch);
  });
  return fn.cloud.tally;
}

describe('one device, a reading every 10 s for 10 minutes, window 1 s', () => {
  const fleet = fleetOf(1);
  const batches = batchesOf(fleet, READINGS, ONE_POLLER);
  let ours: MeasuredFunction['cloud']['tally'];
  beforeAll(async () => {
    ours = await run(await custodiaIngest(fleet), batches);
  });

  it('makes a batch of every reading', () => {
    expect(batches.map(({ readings }) => readings)).toEqual(new Array(READINGS).fill(1));
  });

  it('writes a block of less than a KB for each: one unit; and once the key of the day, and that there is something to merge', () => {
    expect(ours).toMatchObject({ itemsWritten: READINGS + 2, writeUnits: READINGS + 2 });
  });

  it('asks for a version each time, for the account every second time, for the keys every 5 minutes, for the certificate once', () => {
    // 60 blocks, 60 versions, 30 times the account with its revocations (believed for 15 s: the next but one asks again),
    // 2 times the account's wrapped key and the day's, and once the certificate, as nothing is revoked, and the instructions, as
    // they never change; 2 writes beside the blocks.
    expect(ours.requests).toBe(60 + 60 + 30 + 2 * 2 + 1 + 1 + 2);
    expect(ours.readUnits).toBe(60 + 30 * 2 + 2 * 2 + 1 + 1);
    expect(ours.kmsRequests).toBe(2);
    expect(ours.s3Puts).toBe(1);
  });

  it('takes the other function one unit and one request for each', async () => {
    expect(await run(itemPerReading(), batches)).toMatchObject({ requests: 60, writeUnits: 60, readUnits: 0 });
  });
});

describe('batches', () => {
  const fleet = fleetOf(100);
  const sizes = (model: typeof ONE_POLLER) => batchesOf(fleet, 3000, model).map(({ readings }) => readings);
  const mean = (numbers: readonly number[]) => numbers.reduce((sum, n) => sum + n, 0) / numbers.length;

  it('gather what arrives within the window after their first message', () => {
    // Ten readings a second: the first, and on average ten more within a second, or two hundred within twenty.
    expect(mean(sizes(ONE_POLLER))).toBeCloseTo(11, 0);
    expect(mean(sizes({ windowMs: 20_000, pollers: 1 }))).toBeGreaterThan(150);
    // Two readings a second for each of five pollers.
    expect(mean(sizes({ windowMs: 1000, pollers: 5 }))).toBeCloseTo(3, 0);
  });

  it('never hold more than 1,000 messages, and lose none', () => {
    const large = batchesOf(fleetOf(1000), 3000, { windowMs: 60_000, pollers: 1 }).map(({ readings }) => readings);
    expect(large).toEqual([1000, 1000, 1000]);
  });
});
