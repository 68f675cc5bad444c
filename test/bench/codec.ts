// How small and how fast blocks are, on telemetry as sensors send it: temperature and humidity walk, the battery falls slowly,
// the signal jumps about, the state rarely changes; a reading each 10 s, give or take 120 ms, 360 to an hour block.
// Usage: node infra/node24.cjs test/bench/codec.ts

import { gzipSync } from 'node:zlib';
import type { JsonValue } from '../../shared/platform/json-value.ts';
import { type Arrival, decodeBlock, encodeBlock, type Group, type Row } from '../../shared/readings/codec/block.ts';

const ROWS = 360;
const BLOCKS = 20;
const ID_LETTERS = '0123456789abcdefghjkmnpqrstvwxyz';

type Random = () => number;

/** xorshift32: the same telemetry on each run. */
function randomFrom(seed: number): Random {
  let state = seed;
  return () => {
    state ^= state << 13;
    state ^= state >>> 17;
    state ^= state << 5;
    return (state >>> 0) / 2 ** 32;
  };
}

function weatherStation(random: Random, decimals: number): () => JsonValue {
  const normal = () => random() + random() + random() + random() + random() + random() - 3;
  let temperature = 15 + 10 * random();
  let humidity = 40 + 20 * random();
  let battery = 3.3 + 0.4 * random();
  let state = 'running';
  return () => {
    temperature += 0.08 * normal();
    humidity += 0.2 * normal();
    battery -= 0.00001;
    if (random() < 0.01) state = random() < 0.8 ? 'running' : 'idle';
    return {
      temperature: Number(temperature.toFixed(decimals)),
      humidity: Number(humidity.toFixed(1)),
      battery: Number(battery.toFixed(2)),
      rssi: Math.round(-71 + 2.5 * normal()),
      state,
    };
  };
}

function hourBlock(seed: number, decimals: number): Group {
  const random = randomFrom(seed * 7919 + 1);
  const sample = weatherStation(random, decimals);
  const id = () => Array.from({ length: 26 }, () => ID_LETTERS[Math.floor(32 * random())]).join('');
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
  return Math.round(spells.sort((a, b) => a - b)[12] ?? 0);
}

function measureHours(decimals: number, arrival: Arrival) {
  const groups = Array.from({ length: BLOCKS }, (_, i) => hourBlock(i + 1, decimals));
  const blocks = groups.map((group) => encodeBlock([group], { arrival }));
  const ndjson = groups.map((group) => gzipSync(group.rows.map((row) => `${JSON.stringify(row)}\n`).join('')));
  const readings = BLOCKS * ROWS;
  const bytesEach = (of: Uint8Array[]) =>
    Number((of.reduce((sum, { length }) => sum + length, 0) / readings).toFixed(2));
  return {
    bytesPerReading: bytesEach(blocks),
    gzippedNdjsonBytes: bytesEach(ndjson),
    encodePerSecond: rate(readings, () => {
      for (const group of groups) encodeBlock([group], { arrival });
    }),
    decodePerSecond: rate(readings, () => {
      for (const block of blocks) decodeBlock(block);
    }),
  };
}

export function measure() {
  return {
    oneDecimalArrivalSecond: measureHours(1, 'second'),
    oneDecimalNoArrival: measureHours(1, 'none'),
    twoDecimalsArrivalSecond: measureHours(2, 'second'),
    twoDecimalsNoArrival: measureHours(2, 'none'),
  };
}

if (import.meta.main) console.table(measure());
