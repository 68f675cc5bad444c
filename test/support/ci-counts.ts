/**
 * The last line of `.ci/run`: `N passed, M failed` over the tests and the parts of the check.
 * Usage: ci-counts.ts DIR TEST_EXIT CHECK_EXIT, where DIR holds `tests.json` and `checks.json` if those steps wrote them.
 * The exit code is 1 if M > 0.
 */
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { type Counts, countsSchema } from './counts.ts';

/** What a step counts for, by what it wrote and how it ended: an exit that its counts don't explain is a failure more. */
export function countStep(written: string | undefined, exitCode: number): Required<Counts> {
  const counts = parseCounts(written) ?? { passed: 0, failed: 0, skipped: 0 };
  const silent = counts.failed === 0 && (exitCode !== 0 || counts.passed === 0);
  return silent ? { ...counts, failed: 1 } : counts;
}

function parseCounts(written: string | undefined): Required<Counts> | undefined {
  try {
    return countsSchema.safeParse(JSON.parse(written ?? '')).data;
  } catch {
    return undefined;
  }
}

function readOrUndefined(file: string): string | undefined {
  try {
    return readFileSync(file, 'utf8');
  } catch {
    return undefined;
  }
}

if (import.meta.main) {
  const [directory = '.', testExit, checkExit] = process.argv.slice(2);
  const steps = [
    countStep(readOrUndefined(path.join(directory, 'tests.json')), Number(testExit)),
    countStep(readOrUndefined(path.join(directory, 'checks.json')), Number(checkExit)),
  ];
  const sum = (pick: (counts: Required<Counts>) => number) => steps.reduce((total, counts) => total + pick(counts), 0);
  const failed = sum((counts) => counts.failed);
  console.log(`${sum((counts) => counts.passed)} passed, ${failed} failed`);
  process.exitCode = failed > 0 ? 1 : 0;
}
