/**
 * `npm run soak`: the tests, longer. Everything runs several times over, with many more inputs drawn for each property, kills at
 * every place and not at some (effort.ts), and the files in another order each time: what fails once in a hundred runs fails here. Nothing is retried.
 *
 * | variable               | default | what                                                                            |
 * |------------------------|--------:|---------------------------------------------------------------------------------|
 * | `CUSTODIA_RUNS`        |   5,000 | inputs drawn for each property (200 in `npm test`); a failure names its seed    |
 * | `CUSTODIA_SOAK_ROUNDS` |       3 | how often everything runs                                                       |
 * | `CUSTODIA_SOAK_SEED`   |     now | order of the files in the first round; counted up from round to round           |
 *
 * At the end comes compaction at full size: acceptance-walk.ts. A file named as an argument is all that runs: `npm run soak -- test/system/reading.test.ts`.
 */
import { spawnSync } from 'node:child_process';
import path from 'node:path';

const ROOT = path.join(import.meta.dirname, '../..');
const VITEST = ['node_modules/vitest/vitest.mjs', 'run', '--config', 'test/vitest.config.ts', '--root', '.'];
/** A property with many inputs takes its time; a test that hangs still ends. */
const PATIENCE = '--test-timeout=1800000';

function setting(name: string, byDefault: number): number {
  const text = process.env[name];
  if (text === undefined) return byDefault;
  if (/^\d+$/.test(text)) return Number(text);
  console.error(`${name} takes a whole number, not ${JSON.stringify(text)}`);
  process.exit(2);
}

const runs = setting('CUSTODIA_RUNS', 5000);
const rounds = setting('CUSTODIA_SOAK_ROUNDS', 3);
const seed = setting('CUSTODIA_SOAK_SEED', Date.now());
const files = process.argv.slice(2);

/** Whether all tests passed. */
function passes(round: number): boolean {
  const order = seed + round;
  console.log(`\n== round ${round + 1} of ${rounds}: files in order ${order}, ${runs} inputs for each property`);
  const args = [...VITEST, ...files, PATIENCE, '--sequence.shuffle.files=true', `--sequence.seed=${order}`];
  const env = { ...process.env, CUSTODIA_RUNS: String(runs), CUSTODIA_THOROUGH: '1' };
  return spawnSync(process.execPath, args, { cwd: ROOT, stdio: 'inherit', env }).status === 0;
}

const results = Array.from({ length: rounds }, (_, round) => passes(round));
/** Compaction at full size, once; see acceptance-walk.ts. */
if (files.length === 0) {
  const walk = [path.join(import.meta.dirname, 'acceptance-walk.ts')];
  results.push(spawnSync(process.execPath, walk, { cwd: ROOT, stdio: 'inherit' }).status === 0);
}
const failed = results.filter((ok) => !ok).length;
console.log(`\nsoak: ${results.length - failed} rounds passed, ${failed} failed`);
process.exitCode = failed > 0 ? 1 : 0;
