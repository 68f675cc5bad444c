/**
 * Whole days of a fleet through the sweeper and the compactor, put together as their functions are, over a cloud that counts. Fresh
 * blocks are written beside them, uncounted: ingest is measured by itself.
 */
import { randomUUID } from 'node:crypto';
import { healKeysOf } from '../../../shared/keyring/heal-keyring.ts';
import { systemSessions } from '../../../shared/keyring/system-sessions.ts';
import type { AccountSession } from '../../../shared/platform/account-session.ts';
import { sqsFunction } from '../../../shared/platform/sqs-batch.ts';
import { DAY_MS, HOUR_MS } from '../../../shared/readings/blocks/spans.ts';
import { compactDue } from '../../../shared/readings/compaction/compact-due.ts';
import { keepReadings } from '../../../shared/readings/keep-readings.ts';
import { slotAt } from '../../../shared/work/due.ts';
import { handOver } from '../../../shared/work/hand-over.ts';
import { sweep } from '../../../shared/work/sweep.ts';
import { DUE_KINDS } from '../../../shared/work/work-keys.ts';
import { saveFirstSlot } from '../../../shared/work/work-store.ts';
import { itemBytes } from '../cloud/capacity.ts';
import { type MemoryCloud, memoryCloud } from '../cloud/memory-cloud.ts';
import { mapTally, type Tally } from '../cloud/tally.ts';
import { START } from '../load/batches.ts';
import { type Fleet, fleetOf } from '../load/fleet.ts';
import { ingestDeps, READINGS_TABLE, workTable } from '../load/ingest-functions.ts';
import { openDevices } from '../load/open-devices.ts';
import { openFleet } from '../load/open-fleet.ts';
import { quietly } from '../load/quietly.ts';
import { randomFrom } from '../load/telemetry.ts';
import { sender } from './sender.ts';

const MINUTE_MS = 60_000;
/** Readings of so long a time are in one fresh block, or in one for each shard. */
const FED_MS = 5 * MINUTE_MS;
/** When in an hour the sweeper hands over what the hour before has left. */
const SWEEP_AT_MS = 2 * MINUTE_MS;
/** When a closed day's key is destroyed: two days after its end. */
const KEY_LIFE_MS = 2 * DAY_MS;
/** What DynamoDB adds to each item's bytes when it bills storage. */
export const ITEM_OVERHEAD = 100;

export interface DaysLoad {
  readonly devices: number;
  readonly paceMs: number;
  readonly days: number;
  /** Of the batch that is under way when an hour ends: half of it comes after the hour. 0: none is. */
  readonly windowMs: number;
}

/** What was counted, and what it was counted for. */
export interface Counted {
  readonly readings: number;
  readonly tally: Tally;
  /** Of the sweeper and the compactor. */
  readonly invocations: number;
}

export interface CompactedDays {
  readonly cloud: MemoryCloud;
  readonly fleet: Fleet;
  /** A new one, with empty caches, as of a function that has just started. */
  readonly newSession: () => AccountSession;
  /** Epoch ms: after the last day. */
  readonly end: number;
  readonly readings: number;
  /** The sweeps and compactions of the last day: what the day before has left, its own hours, its end, the end of its key. */
  readonly lastDay: Counted;
}

export const compactedDays = (load: DaysLoad): Promise<CompactedDays> => quietly(() => simulate(load));

async function simulate({ devices, paceMs, days, windowMs }: DaysLoad): Promise<CompactedDays> {
  const cloud = memoryCloud();
  const fleet = fleetOf(devices);
  const { account, product, stations } = fleet;
  const clock = { now: START };
  const deps = ingestDeps(cloud, () => clock.now);
  const work = workTable(cloud);
  const newSession = () => systemSessions(deps)(account);
  const feeder = newSession();
  await openFleet(deps, fleet);
  await openDevices(feeder, fleet);
  const numbers = new Map(stations.map(({ device }, i) => [device, i + 1]));
  const random = randomFrom(devices * 7919 + paceMs);
  const senders = stations.map(({ device }) => sender(fleet, { device, paceMs, random }));
  const end = START + days * DAY_MS;
  const counted = { readings: 0, invocations: 0, tally: mapTally(() => 0) };
  let readings = 0;

  /** Answers how many readings there were. */
  async function feed(to: number): Promise<number> {
    const groups = senders.map((next) => next(to)).filter(({ rows }) => rows.length > 0);
    clock.now = to - 1;
    await deps.announce({ account, product }, clock.now, undefined);
    await keepReadings(feeder, { product, groups, numbers }, () => deps.newBlockId(clock.now));
    return groups.reduce((sum, { rows }) => sum + rows.length, 0);
  }

  const swept = sweep({
    work,
    hand: handOver(cloud.sqs, 'https://sqs.eu-central-1.amazonaws.com/123456789012/Custodia-Compaction'),
    now: deps.now,
  });
  /** Says that nothing before is left to sweep, as sweeps of the time between would. */
  const sweptUntil = (at: number) => Promise.all(DUE_KINDS.map((kind) => saveFirstSlot(work, kind, slotAt(at))));
  async function handle(bodies: readonly string[]): Promise<void> {
    for (const body of bodies) {
      const attributes = { SentTimestamp: String(clock.now) };
      // An hour later nothing of a container's memory is left.
      const compact = compactDue({
        ...deps,
        session: systemSessions(deps),
        work,
        newOwner: randomUUID,
        healKeys: healKeysOf,
      });
      const { batchItemFailures } = await sqsFunction(compact)({ Records: [{ messageId: body, body, attributes }] });
      if (batchItemFailures.length > 0) throw new Error('The fleet could not be compacted.');
      counted.invocations += 1;
    }
  }
  const counting = async (run: () => Promise<void>) => {
    cloud.resetTally();
    await run();
    const [before, now] = [counted.tally, cloud.tally];
    counted.tally = mapTally((count) => before[count] + now[count]);
  };

  await sweptUntil(START);
  for (let hour = START; hour < end; hour += HOUR_MS) {
    const isLastDay = hour >= end - DAY_MS;
    for (const to of blockEnds(hour, windowMs)) {
      const fed = await feed(to);
      readings += fed;
      if (isLastDay) counted.readings += fed;
    }
    clock.now = hour + HOUR_MS + SWEEP_AT_MS;
    if (hour === end - DAY_MS) Object.assign(counted, { invocations: 0, tally: mapTally(() => 0) });
    await counting(async () => {
      await swept();
      counted.invocations += 1;
      await handle(cloud.receive());
    });
  }
  clock.now = end + KEY_LIFE_MS + SWEEP_AT_MS;
  await sweptUntil(end + KEY_LIFE_MS - HOUR_MS);
  await counting(async () => {
    await swept();
    counted.invocations += 1;
    await handle(cloud.receive());
  });
  return { cloud, fleet, newSession, end, readings, lastDay: counted };
}

/** Ends of an hour's batches: those of a window would take long, and make no other blocks. */
function blockEnds(hour: number, windowMs: number): number[] {
  const ends = Array.from({ length: HOUR_MS / FED_MS }, (_, i) => hour + (i + 1) * FED_MS);
  if (windowMs === 0) return ends;
  return [...ends.slice(0, -1), hour + HOUR_MS - windowMs / 2, hour + HOUR_MS + windowMs / 2];
}

/** Bytes of the readings table with what DynamoDB adds to each item: of what stays, and of what ends after a while. */
export function tableBytes({ cloud }: Pick<CompactedDays, 'cloud'>): { staying: number; ending: number } {
  const bytes = { staying: 0, ending: 0 };
  for (const one of cloud.items(READINGS_TABLE)) {
    const pk = String(one.pk?.S);
    const kind = /#(R|S)#/.test(pk) ? 'staying' : pk.includes('#BUNDLE#') ? 'ending' : undefined;
    if (kind) bytes[kind] += itemBytes(one) + ITEM_OVERHEAD;
  }
  return bytes;
}
