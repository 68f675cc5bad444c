/** What one reading costs on average, of a fleet: ingest and compaction are measured apart, and added. */
import { HOUR_MS } from '../../../shared/readings/blocks/spans.ts';
import { mapTally, type Tally } from '../cloud/tally.ts';
import type { Load } from '../load/batches.ts';
import { fleetOf } from '../load/fleet.ts';
import type { Usage } from './bill.ts';
import { type CompactedDays, compactedDays, ITEM_OVERHEAD, tableBytes } from './compacted-days.ts';
import { ingestSpell, itemsSpell, type Spell } from './ingest-spell.ts';

export interface Scenario {
  /** Of all accounts together. */
  readonly devices: number;
  readonly accounts: number;
  readonly paceMs: number;
  readonly windowMs: number;
}

export interface Costs {
  /** Of one reading. */
  readonly ingest: Tally;
  readonly compaction: Tally;
  readonly usage: Usage;
  readonly simulated: { readonly readings: number; readonly devices: number };
}

const POLLERS = 5;
const FEWEST_READINGS = 1000;
const MOST_READINGS = 40_000;
const MOST_BATCHES = 400;
const MOST_IN_A_BATCH = 1000;
/** Of the two days that are compacted. */
const MOST_READINGS_COMPACTED = 435_000;
const MOST_DEVICES = 25;
const DAYS = 2;
/** Fresh blocks and bundles end after 14 days. */
const ENDING_SHARE = 14 / 30.4;

function loadOf({ devices, accounts, paceMs, windowMs }: Scenario): Load {
  const inAnHour = (devices * HOUR_MS) / paceMs;
  const inABatch = Math.min(MOST_IN_A_BATCH, Math.max(1, (devices * windowMs) / paceMs / POLLERS));
  const readings = Math.min(inAnHour, MOST_READINGS, Math.round(MOST_BATCHES * inABatch));
  return {
    fleets: Array.from({ length: accounts }, (_, n) => fleetOf(devices / accounts, n)),
    readings: Math.max(FEWEST_READINGS, readings),
    model: { windowMs, pollers: POLLERS },
    paceMs,
  };
}

const known = new Map<string, Promise<CompactedDays>>();

function daysOf({ devices, accounts, paceMs }: Scenario): { compacted: Promise<CompactedDays>; devices: number } {
  const affordable = Math.floor((MOST_READINGS_COMPACTED * paceMs) / (DAYS * 24 * HOUR_MS));
  const own = Math.min(devices / accounts, MOST_DEVICES, affordable);
  const name = `${own} ${paceMs}`;
  const compacted = known.get(name) ?? compactedDays({ devices: own, paceMs, days: DAYS, windowMs: 20_000 });
  known.set(name, compacted);
  return { compacted, devices: own };
}

export async function costsOf(scenario: Scenario): Promise<Costs> {
  const spell = await ingestSpell(loadOf(scenario));
  const { compacted, devices } = daysOf(scenario);
  return { ...put(scenario, spell, await compacted), simulated: { readings: spell.readings, devices } };
}

function put({ paceMs }: Scenario, spell: Spell, days: CompactedDays): Omit<Costs, 'simulated'> {
  const { lastDay } = days;
  const ingest = mapTally((count) => spell.tally[count] / spell.readings);
  const compaction = mapTally((count) => lastDay.tally[count] / lastDay.readings);
  const certificates = (POLLERS * paceMs) / HOUR_MS;
  const both = (count: keyof Tally) => ingest[count] + compaction[count];
  const { staying, ending } = tableBytes(days);
  const fresh = ingest.bytesStored + ITEM_OVERHEAD * ingest.itemsWritten;
  const usage = {
    sqsRequests: spell.queueRequests / spell.readings + compaction.sqsRequests,
    lambdaRequests: spell.batches / spell.readings + lastDay.invocations / lastDay.readings,
    writeUnits: both('writeUnits'),
    readUnits: both('readUnits') + certificates,
    kmsRequests: both('kmsRequests'),
    s3Puts: both('s3Puts'),
    keptBytes: staying / days.readings + ENDING_SHARE * (ending / days.readings + fresh),
  };
  return { ingest, compaction, usage };
}

/** The same readings in an item each. */
export async function itemCosts(scenario: Scenario): Promise<Usage> {
  const { readings, batches, queueRequests, tally } = await itemsSpell({
    ...loadOf(scenario),
    readings: FEWEST_READINGS,
  });
  const each = mapTally((count) => tally[count] / readings);
  return {
    sqsRequests: queueRequests / readings,
    lambdaRequests: batches / readings,
    writeUnits: each.writeUnits,
    readUnits: each.readUnits,
    kmsRequests: 0,
    s3Puts: 0,
    keptBytes: each.bytesStored + ITEM_OVERHEAD * each.itemsWritten,
  };
}
