/**
 * The workshop's gate, `npm run check [-- --root DIR]`: what a reviewer shouldn't have to look for. Each part judges the tree
 * under the root with the root's own configuration, so that tests can seed violations in a copy.
 * Ends with `check: N passed, M failed`; the exit code is 1 if M > 0.
 */
import path from 'node:path';
import { parseArgs } from 'node:util';
import type { Part, Verdict } from './checks/part.ts';
import { PARTS } from './checks/parts.ts';
import { CHECK_COUNTS, reportCounts } from './counts.ts';

const { values } = parseArgs({
  options: { root: { type: 'string', default: path.join(import.meta.dirname, '../..') } },
});
const root = path.resolve(values.root);

const judge = (part: Part): Promise<Verdict> =>
  part.run(root).catch((error: unknown) => ({ ok: false, output: String(error) }));

const judged = PARTS.map((part) => ({ part, verdict: judge(part) }));
const verdicts: Verdict[] = [];
for (const { part, verdict } of judged) {
  const { ok, output } = await verdict;
  verdicts.push({ ok, output });
  console.log(`${ok ? '✓' : '✗'} ${part.name}`);
  if (!ok) console.log(output.trimEnd().replace(/^(?=.)/gm, '    '));
}

const passed = verdicts.filter(({ ok }) => ok).length;
const failed = verdicts.length - passed;
reportCounts(CHECK_COUNTS, { passed, failed });
console.log(`check: ${passed} passed, ${failed} failed`);
process.exitCode = failed > 0 ? 1 : 0;
