/** What it costs to store readings: requests, units and bytes of the ingest function, beside one that puts an item per reading. */
import { type Batch, type BatchModel, batchesOf } from './load/batches.ts';
import { fleetOf } from './load/fleet.ts';
import { custodiaIngest, itemPerReading, type MeasuredFunction, READINGS_TABLE } from './load/ingest-functions.ts';
import { quietly } from './load/quietly.ts';
import { type Bench, type Row, rounded, type Table } from './report/bench.ts';

const FLEETS = [1, 10, 100, 1000];
const MINUTES = 5;
const READINGS_A_MINUTE = 6;

export const DEFAULT_WINDOW: BatchModel = { windowMs: 1000, pollers: 1 };
const MODELS: readonly { title: string; model: BatchModel }[] = [
  { title: 'Ingest, window 1 s (the default), batches gathered by one poller', model: DEFAULT_WINDOW },
  { title: 'Ingest, window 1 s, messages spread over five pollers', model: { windowMs: 1000, pollers: 5 } },
  { title: 'Ingest, window 20 s, batches gathered by one poller', model: { windowMs: 20_000, pollers: 1 } },
  { title: 'Ingest, window 20 s, messages spread over five pollers', model: { windowMs: 20_000, pollers: 5 } },
];

const NOTES = [
  'Per 1,000 readings of one account; each device sends 4 numbers and a state every 10 s, one reading a message, at least 5 minutes and 1,000 readings. All of one product and stream.',
  'A batch opens with its first message and closes a window later, or with 1,000 messages. Lambda starts with five pollers on a queue and decides itself how messages spread; between one and five lies what it will do.',
  'Units by DynamoDB’s rules: 1 write unit for each begun KB of an item, 1 read unit for each begun 4 KB of a consistent read. Stored: sizes of items, without DynamoDB’s 100 bytes an item. Sent: bodies of requests.',
  'Requests and read units hold everything that ingest asks: the account’s instruction version for each batch, the account’s state with its count of revocations every 15 s, each certificate once (an hour, while none is revoked), the account’s key every 5 minutes (KMS apart). All begin with empty caches, so that five minutes bear the certificates of an hour. Each poller’s batches are served by a container of its own.',
  'The other function checks nothing, seals nothing and puts one item per reading, 25 a request.',
];

/** Readings that are in the table: blocks say how many they hold. */
function storedReadings({ cloud }: MeasuredFunction): number {
  return cloud.items(READINGS_TABLE).reduce((sum, { n }) => sum + (n === undefined ? 1 : Number(n.N)), 0);
}

async function measured(name: string, fn: MeasuredFunction, batches: readonly Batch[]): Promise<Row> {
  await quietly(async () => {
    for (const batch of batches) await fn.run(batch);
  });
  const readings = batches.reduce((sum, batch) => sum + batch.readings, 0);
  if (storedReadings(fn) !== readings) throw new Error(`${storedReadings(fn)} of ${readings} readings were stored.`);
  const { tally } = fn.cloud;
  const per1000 = (count: number, digits = 0) => rounded((count * 1000) / readings, digits);
  return {
    function: name,
    'readings a batch': rounded(readings / batches.length, 1),
    'write units': per1000(tally.writeUnits, 1),
    requests: per1000(tally.requests, 1),
    'bytes stored': per1000(tally.bytesStored),
    'bytes sent': per1000(tally.bytesSent),
    'read units': per1000(tally.readUnits, 1),
    'KMS requests': per1000(tally.kmsRequests, 2),
  };
}

async function measureFleet(devices: number, model: BatchModel): Promise<Row[]> {
  const fleet = fleetOf(devices);
  const batches = batchesOf(fleet, Math.max(1000, devices * READINGS_A_MINUTE * MINUTES), model);
  const rows = [
    await measured('ingest', await custodiaIngest(fleet), batches),
    await measured('item per reading', itemPerReading(), batches),
  ];
  return rows.map((row) => ({ devices, ...row }));
}

async function tableOf({ title, model }: (typeof MODELS)[number]): Promise<Table> {
  const rows: Row[] = [];
  for (const devices of FLEETS) rows.push(...(await measureFleet(devices, model)));
  return { title, notes: NOTES, rows };
}

export const ingest: Bench = {
  name: 'ingest',
  async run() {
    const tables: Table[] = [];
    for (const model of MODELS) tables.push(await tableOf(model));
    return tables;
  },
};
