/** How a run tells its caller what it counted: as JSON in a file that the caller names in the environment. */
import { writeFileSync } from 'node:fs';
import * as z from 'zod';

export const TEST_COUNTS = 'CUSTODIA_TEST_COUNTS';
export const CHECK_COUNTS = 'CUSTODIA_CHECK_COUNTS';

const natural = z.number().int().min(0);

export const countsSchema = z.object({ passed: natural, failed: natural, skipped: natural.default(0) });
export type Counts = z.input<typeof countsSchema>;

/** Writes the counts where `process.env[variable]` says, if it does. */
export function reportCounts(variable: string, counts: Counts): void {
  const file = process.env[variable];
  if (file) writeFileSync(file, JSON.stringify(counts));
}
