/** What a cold start has to load: size and load time of each function's bundle, and the SDK clients in it. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { type Bundle, bundle, entries } from './bundles/build.ts';
import { clientsIn, idleClientsIn } from './bundles/clients.ts';
import { type Loaded, load } from './bundles/load-time.ts';
import { type Bench, median, type Row, rounded } from './report/bench.ts';

const ROUNDS = 9;
const EMPTY = 'export const handler = async () => ({});\n';

/** All files take turns, so that each feels the same neighbours on the machine. */
async function loadInTurns(files: readonly string[]): Promise<Map<string, Loaded>> {
  const rounds: Loaded[][] = [];
  for (let round = 0; round < ROUNDS; round++) {
    const times: Loaded[] = [];
    for (const file of files) times.push(await load(file));
    rounds.push(times);
  }
  const middle = (i: number, of: keyof Loaded) => median(rounds.map((times) => times[i]?.[of] ?? Number.NaN));
  return new Map(files.map((file, i) => [file, { ms: middle(i, 'ms'), cpuMs: middle(i, 'cpuMs') }]));
}

const shortName = (client: string) => client.replace('@aws-sdk/client-', '').replace(/.*submodules\//, 'nested ');

function rowOf(of: Bundle, loaded: Loaded, empty: Loaded): Row {
  return {
    function: of.entry.replace(/^functions\/|\.ts$/g, ''),
    'minified KB': rounded(of.output.bytes / 1024),
    'load ms': rounded(loaded.ms, 1),
    '÷ empty': rounded(loaded.ms / empty.ms, 1),
    'CPU ms': rounded(loaded.cpuMs, 1),
    'CPU ÷ empty': rounded(loaded.cpuMs / empty.cpuMs, 1),
    'SDK clients': clientsIn(of).map(shortName).join(', '),
    'not used': idleClientsIn(of).map(shortName).join(', ') || 'none',
  };
}

async function measure(dir: string): Promise<Row[]> {
  const bundles = await bundle(entries(), dir);
  const emptyFile = path.join(dir, 'empty.mjs');
  writeFileSync(emptyFile, EMPTY);
  const loaded = await loadInTurns([emptyFile, ...bundles.map(({ file }) => file)]);
  const empty = loaded.get(emptyFile) as Loaded;
  const none = { function: '(empty handler)', 'minified KB': rounded(EMPTY.length / 1024, 2) };
  return [
    { ...none, 'load ms': rounded(empty.ms, 1), '÷ empty': 1, 'CPU ms': rounded(empty.cpuMs, 1), 'CPU ÷ empty': 1 },
    ...bundles.map((of) => rowOf(of, loaded.get(of.file) as Loaded, empty)),
  ];
}

export const bundles: Bench = {
  name: 'bundles',
  async run() {
    const dir = mkdtempSync(path.join(tmpdir(), 'custodia-bundles-'));
    try {
      return [
        {
          title: 'Bundles of the functions',
          notes: [
            `Bundled with the construct’s own options. Load: \`import()\` of the bundle in a fresh Node process, medians of ${ROUNDS} rounds in turns; times hold for this machine as busy as it was, and Lambda’s processor is another.`,
            'Clients: of the AWS SDK, with code in the bundle. Not used: no line of ours makes one.',
          ],
          rows: await measure(dir),
        },
      ];
    } finally {
      rmSync(dir, { recursive: true, force: true });
    }
  },
};
