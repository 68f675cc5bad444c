/**
 * `npm run bench [-- NAME …] [--markdown]`: measures, prints tables, and writes test/bench/results/NAME.json with the commit, the
 * machine and the date. Counts and ratios hold anywhere; rates and times hold for the machine that is named beside them.
 *
 * This room measures only; nothing here fails because something is slow. Benches drive the product's own code and commands, and
 * draw their input from fixed seeds.
 */
import { mkdirSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { parseArgs } from 'node:util';
import { archive } from './archive.ts';
import { bundles } from './bundles.ts';
import { codec } from './codec.ts';
import { cost } from './cost.ts';
import { cpu } from './cpu.ts';
import { host } from './host.ts';
import { ingest } from './ingest.ts';
import type { Bench } from './report/bench.ts';
import { markdown } from './report/markdown.ts';
import { provenance } from './report/provenance.ts';

const BENCHES: readonly Bench[] = [ingest, cpu, codec, cost, archive, bundles, host];
const RESULTS = path.join(import.meta.dirname, 'results');

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: { markdown: { type: 'boolean', default: false } },
});
const unknown = positionals.filter((name) => !BENCHES.some((bench) => bench.name === name));
if (unknown.length > 0) {
  console.error(`No bench is called ${unknown.join(', ')}. There are: ${BENCHES.map(({ name }) => name).join(', ')}.`);
  process.exit(2);
}

mkdirSync(RESULTS, { recursive: true });
for (const bench of BENCHES) {
  if (positionals.length > 0 && !positionals.includes(bench.name)) continue;
  if (!values.markdown) console.error(`${bench.name} …`);
  const from = provenance();
  const tables = await bench.run();
  for (const table of tables) console.log(markdown(table));
  const file = path.join(RESULTS, `${bench.name}.json`);
  writeFileSync(file, `${JSON.stringify({ bench: bench.name, ...from, tables }, null, 2)}\n`);
}
