/**
 * What a million readings cost, everything counted: ingest, sweeping, compaction, day summaries, the end of keys, and a month's
 * storage, beside an item per reading. The product's own functions run over a cloud in memory; prices are a file.
 */
import { billOf, readPrices } from './cost/bill.ts';
import { costsOf, itemCosts, type Scenario } from './cost/costs.ts';
import { measureMonth } from './cost/device-month.ts';
import { type Bench, type Row, rounded, type Table } from './report/bench.ts';

const DEFAULT_WINDOW_MS = 1000;
const LONG_WINDOW_MS = 20_000;
const FLEETS = [1, 10, 100, 1000, 10_000];

const SCENARIOS: readonly Scenario[] = [
  ...FLEETS.map((devices) => ({ devices, accounts: 1, paceMs: 10_000, windowMs: LONG_WINDOW_MS })),
  ...FLEETS.map((devices) => ({ devices, accounts: 1, paceMs: 10_000, windowMs: DEFAULT_WINDOW_MS })),
  { devices: 1000, accounts: 10, paceMs: 10_000, windowMs: LONG_WINDOW_MS },
  ...[10, 1000].map((devices) => ({ devices, accounts: 1, paceMs: 1000, windowMs: LONG_WINDOW_MS })),
  ...[10, 1000].map((devices) => ({ devices, accounts: 1, paceMs: 60_000, windowMs: LONG_WINDOW_MS })),
];

const SIMULATED = [
  'A reading is 4 numbers and a state, one a message. Ingest: five pollers share the messages at random, each with a container of its own; the number of readings that went through it is in its column (at least 1,000, else an hour, 40,000 or about 400 batches). The containers know the certificates before; one read unit for each certificate, container and hour is added.',
  'Compaction: the sweeper and the compactor of one product over two whole UTC days, hour by hour, with cold caches each hour; the second day is counted, from what the first has left to the end of its key. Of large fleets as many devices as the column says: what a product costs whatever its size (leases, catalogs, empty shards) falls on fewer readings than it would, so that these figures are too high by about a unit.',
  'Its fresh blocks are not those of the measured ingest: they hold five minutes each, but for a window of 20 s across each hour’s end, half of which comes late. What compaction reads is therefore less than of the small blocks of a short window.',
  'The sweeper is counted once an hour; its other 59 sweeps find nothing and cost the instance, not the reading: some 20 read units each, a good 0.10 dollars a month.',
];

const per = (count: number, readings: number, digits = 1) => rounded(count * readings, digits);
const named = ({ devices, accounts, paceMs, windowMs }: Scenario): Row => ({
  devices,
  accounts,
  'period s': paceMs / 1000,
  'window s': windowMs / 1000,
});

async function curves(): Promise<Table[]> {
  const prices = readPrices();
  const units: Row[] = [];
  const dollars: Row[] = [];
  for (const scenario of SCENARIOS) {
    const { ingest, compaction, usage, simulated } = await costsOf(scenario);
    units.push({
      ...named(scenario),
      'write units: ingest': per(ingest.writeUnits, 1000),
      'write units: compaction': per(compaction.writeUnits, 1000),
      'write units': per(usage.writeUnits, 1000),
      'read units': per(usage.readUnits, 1000),
      'DynamoDB requests': per(ingest.requests + compaction.requests, 1000),
      'KB sent': per(ingest.bytesSent + compaction.bytesSent, 1000 / 1024),
      'bytes kept a reading': rounded(usage.keptBytes, 1),
      'readings ingested': simulated.readings,
      'devices compacted': simulated.devices,
    });
    dollars.push({ ...named(scenario), ...cents(billOf(usage, prices)), ...beside(await itemCosts(scenario)) });
  }
  function beside(usage: Awaited<ReturnType<typeof itemCosts>>): Row {
    return { 'an item per reading': rounded(billOf(usage, prices).total, 2) };
  }
  return [
    { title: 'Units, requests and bytes for 1,000 readings, everything counted', notes: SIMULATED, rows: units },
    {
      title: 'Dollars for a million readings, kept for a month',
      notes: [
        `${prices.source} (test/bench/prices.json). Messages by plain MQTT; Basic Ingest saves the messaging. Storage with point-in-time recovery.`,
        'Not in it: the duration of functions, logs, connections, and what an instance costs that nobody uses. The other function has the same messages, queue and batches, keeps no index and no key, and lets nobody read a month cheaply.',
      ],
      rows: dollars,
    },
  ];
}

const cents = (bill: Readonly<Record<string, number>>): Row =>
  Object.fromEntries(Object.entries(bill).map(([name, dollars]) => [name, rounded(dollars, 2)]));

export const cost: Bench = {
  name: 'cost',
  async run() {
    return [
      ...(await curves()),
      {
        title: 'A month of one device, a reading every 10 s',
        notes: [
          '30 whole UTC days as the compactor leaves them, written by its own parts: hour blocks and day summaries, all days closed. Read units of consistent reads. The route: bucket, device, how far compaction is, what is pending in fresh blocks and bundles, keys, summaries; all by a container with empty caches, and by one that has just answered the same.',
          'Items: a day of them, stored and read as the route would, times 30.',
        ],
        rows: await measureMonth(),
      },
    ];
  },
};
