/**
 * How small and how fast blocks are, on telemetry as sensors send it: a reading each 10 s, give or take 120 ms, 360 to an hour block.
 */
import { gzipSync } from 'node:zlib';
import { ulid } from 'ulid';
import { type Arrival, decodeBlock, encodeBlock, type Group, type Row } from '../../shared/readings/codec/block.ts';
import { randomFrom, weatherStation } from './load/telemetry.ts';
import { type Bench, median, rounded } from './report/bench.ts';

const ROWS = 360;
const BLOCKS = 20;

function hourBlock(seed: number, decimals: number): Group {
  const random = randomFrom(seed * 7919 + 1);
  const sample = weatherStation(random, decimals);
  const id = () => ulid(Date.UTC(2026, 8, 1), random).toLowerCase();
  const start = Date.UTC(2026, 9, 1) + Math.floor(random() * 10_000);
  const rows = Array.from({ length: ROWS }, (_, i): Row => {
    const ts = start + i * 10_000 + Math.round((random() * 2 - 1) * 120);
    return { ts, receivedAt: ts + 60 + Math.floor(random() * 200), value: sample() };
  });
  return { device: `dev_${id()}`, stream: 'telemetry', buckets: [`bkt_${id()}`], rows };
}

/** Readings per second of processor time (all threads, garbage collection included), warm: the median of many spells. */
function rate(readings: number, run: () => void): number {
  for (const end = performance.now() + 500; performance.now() < end; ) run();
  const spells = Array.from({ length: 25 }, () => {
    const begin = process.cpuUsage();
    for (let i = 0; i < 20; i++) run();
    const { user, system } = process.cpuUsage(begin);
    return (20 * readings * 1e6) / (user + system);
  });
  return Math.round(median(spells));
}

interface Recipe {
  readonly decimals: number;
  readonly arrival: Arrival;
}

function measureHours({ decimals, arrival }: Recipe) {
  const groups = Array.from({ length: BLOCKS }, (_, i) => hourBlock(i + 1, decimals));
  const blocks = groups.map((group) => encodeBlock([group], { arrival }));
  const ndjson = groups.map((group) => gzipSync(group.rows.map((row) => `${JSON.stringify(row)}\n`).join('')));
  const texts = groups.map((group) => JSON.stringify(group.rows));
  const readings = BLOCKS * ROWS;
  const bytesEach = (of: Uint8Array[]) => rounded(of.reduce((sum, { length }) => sum + length, 0) / readings, 2);
  const encode = rate(readings, () => {
    for (const group of groups) encodeBlock([group], { arrival });
  });
  const decode = rate(readings, () => {
    for (const block of blocks) decodeBlock(block);
  });
  const parse = rate(readings, () => {
    for (const text of texts) JSON.parse(text);
  });
  return {
    decimals,
    arrival,
    'bytes a reading': bytesEach(blocks),
    'gzipped NDJSON': bytesEach(ndjson),
    'encoded per CPU second': encode,
    'decoded per CPU second': decode,
    'encode ÷ JSON.parse': rounded(parse / encode, 2),
    'decode ÷ JSON.parse': rounded(parse / decode, 2),
  };
}

const RECIPES: readonly Recipe[] = [1, 2].flatMap((decimals) => [
  { decimals, arrival: 'second' as const },
  { decimals, arrival: 'none' as const },
]);

export const codec: Bench = {
  name: 'codec',
  run: async () => [
    {
      title: 'Blocks of an hour of one device',
      notes: [
        'Blocks as encodeBlock makes them, before sealing (29 bytes more). Decimals: of the temperature. Arrival: whether it is kept to the second, or not at all.',
        'Ratios: processor time for a reading, over that of JSON.parse of the same rows as JSON, in the same process.',
      ],
      rows: RECIPES.map(measureHours),
    },
  ],
};
