/** How much processor time ingest takes, as ratios to a bare `JSON.parse` of the same SQS events in the same process. */
import { DEFAULT_WINDOW } from './ingest.ts';
import { type Batch, type BatchModel, batchesOf } from './load/batches.ts';
import { fleetOf } from './load/fleet.ts';
import { custodiaIngest, itemPerReading } from './load/ingest-functions.ts';
import { quietly } from './load/quietly.ts';
import { type Bench, median, type Row, rounded } from './report/bench.ts';

const ROUNDS = 11;
/** In which a thousand devices fill a batch: it ends with its thousandth message. */
const LONG_WINDOW: BatchModel = { windowMs: 20_000, pollers: 1 };
/** Shorter spells of work are repeated: the clock of processor time is coarse. */
const LEAST_MICROSECONDS = 60_000;

/** Processor time of one go, all threads and garbage collection included, in microseconds. */
async function processorTime(go: () => void | Promise<void>): Promise<number> {
  const begin = process.cpuUsage();
  for (let times = 1; ; times++) {
    await go();
    const { user, system } = process.cpuUsage(begin);
    if (user + system >= LEAST_MICROSECONDS) return (user + system) / times;
  }
}

const parsedRecord = (event: string): { Records: { body: string }[] } => JSON.parse(event);

/** The least that anybody who wants the values has to do. */
function parseThrough(event: string): void {
  for (const { body } of parsedRecord(event).Records) {
    const { payload }: { payload: string } = JSON.parse(body);
    JSON.parse(Buffer.from(payload, 'base64').toString());
  }
}

const each = (batches: readonly Batch[], run: (batch: Batch) => void) => () => {
  for (const batch of batches) run(batch);
};

async function measureFleet(devices: number, model: BatchModel): Promise<Row> {
  const fleet = fleetOf(devices);
  const batches = batchesOf(fleet, Math.max(300, 20 * devices), model);
  const readings = batches.reduce((sum, batch) => sum + batch.readings, 0);
  const functions = [await custodiaIngest(fleet), itemPerReading()];
  for (const { cloud, run } of functions) {
    // What is written once, as the key of the day, must stand there before puts are no longer looked at.
    for (const batch of batches) await run(batch);
    cloud.ignorePuts();
  }

  const contenders: (() => void | Promise<void>)[] = [
    each(batches, ({ event }) => void JSON.parse(event)),
    each(batches, ({ event }) => parseThrough(event)),
    ...functions.map(({ run }) => async () => {
      for (const batch of batches) await run(batch);
    }),
  ];
  const rounds: number[][] = [];
  // The first rounds warm up; taking turns makes all of them feel the same neighbours on the machine.
  for (let round = -2; round < ROUNDS; round++) {
    const times: number[] = [];
    for (const contender of contenders) times.push(await processorTime(contender));
    if (round >= 0) rounds.push(times);
  }
  const ratio = (a: number, b: number) =>
    rounded(median(rounds.map((times) => (times[a] ?? Number.NaN) / (times[b] ?? Number.NaN))), 1);
  return {
    devices,
    'window s': model.windowMs / 1000,
    'readings a batch': rounded(readings / batches.length, 1),
    'ingest ÷ JSON.parse of the event': ratio(2, 0),
    'ingest ÷ JSON.parse of event, bodies, payloads': ratio(2, 1),
    'ingest ÷ item per reading': ratio(2, 3),
    'µs a reading': rounded(median(rounds.map((times) => times[2] ?? Number.NaN)) / readings, 1),
  };
}

export const cpu: Bench = {
  name: 'cpu',
  run: () =>
    quietly(async () => {
      const rows: Row[] = [];
      for (const devices of [1, 10, 100, 1000]) rows.push(await measureFleet(devices, DEFAULT_WINDOW));
      rows.push(await measureFleet(1000, LONG_WINDOW));
      return [
        {
          title: 'Processor time of ingest, warm, batches gathered by one poller',
          notes: [
            `Medians of ${ROUNDS} rounds in which all took turns, in one process. Ingest runs from the event’s text to its answer: parsing, checks, packing, sealing, and the SDK up to the network (serialization, signature).`,
            'Small batches are mostly requests: each costs the SDK the same whether it carries one reading or a hundred.',
            'Microseconds hold for this machine as busy as it was.',
          ],
          rows,
        },
      ];
    }),
};
