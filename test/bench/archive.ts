/** What an export of a million readings costs: pages, memory, and time beside gzip alone, which nobody can do without. */
import { execFileSync } from 'node:child_process';
import path from 'node:path';
import * as z from 'zod';
import { gzipAlone, writeReadings } from './archive/export-files.ts';
import { exportOnHost } from './archive/export-on-host.ts';
import { type Million, millionReadings } from './archive/million.ts';
import { type Bench, median, rounded } from './report/bench.ts';

const ROUNDS = 7;
const MB = 1024 * 1024;

/** Elapsed and processor time of one go, in seconds. */
async function timed(go: () => Promise<unknown>): Promise<{ elapsed: number; cpu: number }> {
  const [begun, before] = [performance.now(), process.cpuUsage()];
  await go();
  const { user, system } = process.cpuUsage(before);
  return { elapsed: (performance.now() - begun) / 1000, cpu: (user + system) / 1e6 };
}

async function measureFiles(million: Million) {
  const contents: (readonly Uint8Array[])[] = [];
  million.cloud.resetTally();
  const files = await writeReadings(million, (_, pieces) => contents.push(pieces));
  const { requests, queryPages } = million.cloud.tally;
  const sum = (of: (file: (typeof files)[number]) => number) => files.reduce((total, file) => total + of(file), 0);
  const rounds: Record<'elapsed' | 'cpu' | 'seconds', number>[] = [];
  // They take turns, so that both feel the same neighbours on the machine.
  for (let round = 0; round < ROUNDS; round++) {
    const ours = await timed(() => writeReadings(million));
    const gzip = await timed(() => gzipAlone(contents));
    rounds.push({ elapsed: gzip.elapsed / ours.elapsed, cpu: gzip.cpu / ours.cpu, seconds: ours.elapsed });
  }
  const of = (member: 'elapsed' | 'cpu' | 'seconds') => median(rounds.map((round) => round[member]));
  return {
    readings: million.readings,
    files: files.length,
    'query pages': queryPages,
    requests,
    'NDJSON, MB': rounded(sum(({ contentBytes }) => contentBytes) / MB, 1),
    'gzipped, MB': rounded(sum(({ bytes }) => bytes) / MB, 1),
    seconds: rounded(of('seconds'), 2),
    'throughput to gzip alone': rounded(of('elapsed'), 2),
    'the same, of processor time': rounded(of('cpu'), 2),
  };
}

const memory = z.object({ before: z.number(), most: z.number() });

function measureMemory() {
  const script = path.join(import.meta.dirname, 'archive/export-once.ts');
  const text = execFileSync(process.execPath, [script], { encoding: 'utf8' });
  const { before, most } = memory.parse(JSON.parse(text));
  return { 'resident before, MB': before, 'most while exporting, MB': most };
}

export const archive: Bench = {
  name: 'archive',
  async run() {
    const million = await millionReadings();
    return [
      {
        title: 'A million readings of one device, out of hour blocks',
        notes: [
          'A reading a second for 12 days; the job’s own files, compressed and hashed, into an archive that goes nowhere.',
          'Throughput: NDJSON of the same bytes a second, as a ratio to gzip alone in the same run; the median of rounds in turn.',
        ],
        rows: [await measureFiles(million)],
      },
      {
        title: 'Memory of a process that exports them',
        notes: ['Of the whole process, its tables in memory included.'],
        rows: [measureMemory()],
      },
      {
        title: 'The same on the laptop host, in and out',
        notes: ['Over HTTP, until the job says that it has succeeded.'],
        rows: [await exportOnHost(million)],
      },
    ];
  },
};
