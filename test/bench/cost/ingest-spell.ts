/** Ingest of some fleets for a while, or of their first readings: the function itself, batch by batch. */
import type { Tally } from '../cloud/tally.ts';
import { type Batch, eachBatch, type Load } from '../load/batches.ts';
import { custodiaIngest, itemPerReading, type MeasuredFunction } from '../load/ingest-functions.ts';
import { quietly } from '../load/quietly.ts';

export interface Spell {
  readonly readings: number;
  readonly batches: number;
  /** Requests to the queue of messages: one sends each; Lambda receives and deletes ten at a time. */
  readonly queueRequests: number;
  readonly tally: Tally;
}

/** What SQS gives, or takes back, in one request. */
const TOGETHER = 10;

async function spell(fn: MeasuredFunction, batches: Iterable<Batch>): Promise<Spell> {
  let [readings, count, queueRequests] = [0, 0, 0];
  await quietly(async () => {
    for (const batch of batches) {
      await fn.run(batch);
      readings += batch.readings;
      count += 1;
      queueRequests += batch.readings + 2 * Math.ceil(batch.readings / TOGETHER);
    }
  });
  return { readings, batches: count, queueRequests, tally: fn.cloud.tally };
}

/** Certificates are believed for an hour: the containers know them before the spell, which needn't be as long. */
async function meetDevices(fn: MeasuredFunction, { fleets, paceMs, model }: Load): Promise<void> {
  const readings = fleets.reduce((sum, { stations }) => sum + stations.length, 0);
  const once = eachBatch({ fleets, readings, paceMs, model: { windowMs: paceMs, pollers: 1 } });
  await quietly(async () => {
    for (const batch of once) {
      for (let poller = 0; poller < model.pollers; poller++) await fn.run({ ...batch, poller });
    }
  });
  fn.cloud.resetTally();
}

export async function ingestSpell(load: Load): Promise<Spell> {
  const fn = await custodiaIngest(...load.fleets);
  await meetDevices(fn, load);
  return spell(fn, eachBatch(load));
}

export const itemsSpell = (load: Load): Promise<Spell> => spell(itemPerReading(), eachBatch(load));
