/** What a query of a month of one device asks of the tables: by the hour, and reading by reading. */
import { type AttributeValue, QueryCommand, type QueryCommandOutput } from '@aws-sdk/client-dynamodb';
import { marshall } from '@aws-sdk/util-dynamodb';
import * as z from 'zod';
import type { AccountCaller } from '../../../shared/api/caller.ts';
import { systemSessions } from '../../../shared/keyring/system-sessions.ts';
import type { AccountSession } from '../../../shared/platform/account-session.ts';
import { mergeIntoSpan } from '../../../shared/readings/blocks/block-store.ts';
import { DAY_MS, dayOf, HOUR_MS, hourOf } from '../../../shared/readings/blocks/spans.ts';
import { querySummaries } from '../../../shared/readings/blocks/summary-store.ts';
import { saveCompaction, takeLease } from '../../../shared/readings/compaction/compaction-store.ts';
import { ulidAt } from '../../../shared/readings/compaction/pending.ts';
import { rowsBySpan } from '../../../shared/readings/compaction/sort-rows.ts';
import { summariseDays } from '../../../shared/readings/compaction/summarise-days.ts';
import { queryReadings } from '../../../shared/readings/query-readings.ts';
import { readDays } from '../../../shared/readings/read-days.ts';
import { readingsRoutes } from '../../../shared/readings/readings-api.ts';
import { memoryCloud } from '../cloud/memory-cloud.ts';
import { eachBatch, PACE_MS, START } from '../load/batches.ts';
import { fleetOf } from '../load/fleet.ts';
import { ingestDeps, itemPerReading, READINGS_TABLE } from '../load/ingest-functions.ts';
import { openDevices } from '../load/open-devices.ts';
import { openFleet } from '../load/open-fleet.ts';
import { quietly } from '../load/quietly.ts';
import { randomFrom } from '../load/telemetry.ts';
import type { Row } from '../report/bench.ts';
import { sender } from './sender.ts';

export const MONTH_DAYS = 30;
/** A page of a query is 1 MB. */
const PAGE_UNITS = 256;
const DAY_READINGS = DAY_MS / PACE_MS;

/** As the compactor leaves them, by its own parts: an hour block for each hour, a summary for each day, all of them closed. */
async function closedDays(days: number) {
  const cloud = memoryCloud();
  const fleet = fleetOf(1);
  const { account, product, bucket, stations } = fleet;
  const device = stations[0]?.device ?? '';
  const end = START + days * DAY_MS;
  const deps = ingestDeps(cloud, () => end);
  const newSession = () => systemSessions(deps)(account);
  const session = newSession();
  await openFleet(deps, fleet);
  await openDevices(session, fleet);
  const next = sender(fleet, { device, paceMs: PACE_MS, random: randomFrom(days) });
  let readings = 0;
  for (let hour = START; hour < end; hour += HOUR_MS) {
    const { stream, rows } = next(hour + HOUR_MS);
    readings += rows.length;
    for (const { span, rows: own } of rowsBySpan([{ device, stream, buckets: [bucket], rows }], hourOf)) {
      await mergeIntoSpan(session, { product, bucket, device }, { span, rows: own, ttl: undefined });
    }
  }
  const all = Array.from({ length: days }, (_, n) => dayOf(START + n * DAY_MS));
  const touched = all.map((day) => ({ bucket, device, day, ttl: undefined }));
  await summariseDays(session, product, touched);
  const lease = { product, owner: 'bench' };
  await takeLease(session, lease, { now: end, until: end + HOUR_MS });
  const state = { watermark: ulidAt(end), bundled: ulidAt(end), closed: dayOf(end - 1), open: '' };
  await saveCompaction(session, lease, state, { release: true });
  return { cloud, fleet, end, newSession, readings };
}
type Month = Awaited<ReturnType<typeof closedDays>>;

async function measured(month: Month, asked: string, ask: () => Promise<number>): Promise<Row> {
  month.cloud.resetTally();
  const answered = await ask();
  const { requests, readUnits, kmsRequests } = month.cloud.tally;
  return { asked, answers: answered, requests, 'read units': readUnits, 'KMS requests': kmsRequests };
}

const page = z.object({ items: z.array(z.unknown()) });

/** A day of items, stored and read to its end by its keys, times the days. */
async function itemsOfMonth(days: number): Promise<Row> {
  const fn = itemPerReading();
  const load = {
    fleets: [fleetOf(1)],
    readings: DAY_READINGS,
    model: { windowMs: 60_000, pollers: 1 },
    paceMs: PACE_MS,
  };
  await quietly(async () => {
    for (const batch of eachBatch(load)) await fn.run(batch);
  });
  const { cloud } = fn;
  const pk = cloud.items(READINGS_TABLE)[0]?.pk?.S;
  cloud.resetTally();
  let [answered, start]: [number, Record<string, AttributeValue> | undefined] = [0, undefined];
  do {
    const answer: QueryCommandOutput = await cloud.db.send(
      new QueryCommand({
        TableName: READINGS_TABLE,
        KeyConditionExpression: 'pk = :pk',
        ExpressionAttributeValues: marshall({ ':pk': pk }),
        ConsistentRead: true,
        ...(start ? { ExclusiveStartKey: start } : {}),
      }),
    );
    answered += answer.Items?.length ?? 0;
    start = answer.LastEvaluatedKey;
  } while (start);
  const { readUnits } = cloud.tally;
  return {
    asked: 'every reading, an item each',
    answers: days * answered,
    requests: Math.ceil((days * readUnits) / PAGE_UNITS),
    'read units': days * readUnits,
    'KMS requests': 0,
  };
}

/** One device's 30 days, a reading every 10 s, the last of them just closed. */
export async function measureMonth(days = MONTH_DAYS): Promise<Row[]> {
  const month = await closedDays(days);
  const { fleet, end, newSession } = month;
  const { bucket, product } = fleet;
  const device = fleet.stations[0]?.device ?? '';
  const [from, to] = [new Date(START).toISOString(), new Date(end).toISOString()];
  const source = { bucket, products: [product], device, from: START, to: end };

  const summaries = async () => {
    const range = { from: dayOf(START), to: dayOf(end - 1), order: 'asc' as const };
    return (await Array.fromAsync(querySummaries(newSession(), { product, bucket, device }, range))).length;
  };
  const query = queryReadings({ now: () => end });
  const byTheHour = (session: AccountSession) => async () => {
    const principal = { kind: 'client' as const, id: 'bench' };
    const caller: AccountCaller = { account: fleet.account, principal, rights: new Set(), token: '', session };
    const input = { device, from, to, every: '1h', limit: '1000' };
    const { body } = await query(caller, {
      params: { id: bucket },
      query: readingsRoutes.query.query.parse(input),
      body: undefined,
      ifMatch: undefined,
      mediaType: 'application/json',
    });
    return page.parse(body).items.length;
  };
  const raw = async () => {
    let count = 0;
    for await (const { groups } of readDays(newSession(), { ...source, order: 'asc' })) {
      for (const { rows } of groups) count += rows.length;
    }
    if (count !== month.readings) throw new Error(`${count} of ${month.readings} readings were found.`);
    return count;
  };
  const warm = newSession();
  await byTheHour(warm)();
  return [
    await measured(month, 'by the hour: the summaries', summaries),
    await measured(month, 'by the hour: all that the route asks', byTheHour(newSession())),
    await measured(month, 'by the hour: the same, by a container that has just answered it', byTheHour(warm)),
    await measured(month, 'every reading', raw),
    await itemsOfMonth(days),
  ];
}
