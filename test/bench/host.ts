/** How soon the laptop host is there, what it takes of memory, and how soon a published reading can be read. */
import { rmSync } from 'node:fs';
import { newDataDirectory, startHost } from '../support/host.ts';
import { residentMb } from './host/memory.ts';
import { walk } from './host/walk.ts';
import { type Bench, median, quantile, type Row, rounded } from './report/bench.ts';

const LATER_STARTS = 3;
const READINGS = 20;

/** From the command of `npm start` to the first answer of the API. */
async function timedStart(data: string) {
  const begin = performance.now();
  const host = await startHost({ data });
  const { status } = await fetch(`${host.endpoints.api}/v1`);
  if (status !== 200) throw new Error(`GET /v1 answered ${status}`);
  return { host, seconds: (performance.now() - begin) / 1000 };
}

async function measure(data: string): Promise<Row[]> {
  const first = await timedStart(data);
  await first.host.stop();
  const later: number[] = [];
  for (let i = 1; i < LATER_STARTS; i++) {
    const { host, seconds } = await timedStart(data);
    later.push(seconds);
    await host.stop();
  }
  const { host, seconds } = await timedStart(data);
  later.push(seconds);
  try {
    const booted = residentMb(host.endpoints.pid);
    const begin = performance.now();
    const device = await walk(host.endpoints);
    await device.publishAndRead();
    const walked = (performance.now() - begin) / 1000;
    const afterWalk = residentMb(host.endpoints.pid);
    const latencies: number[] = [];
    for (let i = 0; i < READINGS; i++) latencies.push((await device.publishAndRead()) / 1000);
    await device.close();
    return [
      { measure: 'first start, with synthesis: API answers after (s)', value: rounded(first.seconds, 1) },
      { measure: `later start: API answers after (s, median of ${LATER_STARTS})`, value: rounded(median(later), 1) },
      { measure: 'memory after boot (MB)', value: booted ?? 'unknown' },
      { measure: 'first walk, every function cold (s)', value: rounded(walked, 1) },
      { measure: 'memory after the first walk (MB)', value: afterWalk ?? 'unknown' },
      { measure: `published → readable (s, median of ${READINGS})`, value: rounded(median(latencies), 2) },
      { measure: `published → readable (s, p95 of ${READINGS})`, value: rounded(quantile(latencies, 0.95), 2) },
      { measure: `memory after ${READINGS} more readings (MB)`, value: residentMb(host.endpoints.pid) ?? 'unknown' },
    ];
  } finally {
    await host.stop();
  }
}

export const host: Bench = {
  name: 'host',
  async run() {
    const data = newDataDirectory();
    try {
      return [
        {
          title: 'The laptop host',
          notes: [
            'The command of `npm start` on a new data directory, packages installed. Times hold for this machine as busy as it was.',
            'Memory: resident, of the host’s process and its children; pages that they share count for each.',
            'Readable: from publishing over MQTT to the first answer of the API that has it, asked every 0.1 s; ingest waits 1 s for company.',
          ],
          rows: await measure(data),
        },
      ];
    } finally {
      rmSync(data, { recursive: true, force: true });
    }
  },
};
