import { availableParallelism } from 'node:os';
import { defineConfig } from 'vitest/config';

export default defineConfig({
  test: {
    include: ['test/**/*.test.ts'],
    exclude: ['test/**/fixtures/**'],
    globalSetup: ['./test/support/set-up-run.ts'],
    reporters: ['./test/support/reporter.ts'],
    // Processes, not threads: a test may synthesize, listen, and be killed. Each may take half a gigabyte, hence the ceiling.
    pool: 'forks',
    maxWorkers: Math.min(availableParallelism(), 8),
    // A committed `.only` would silence the rest of its file.
    allowOnly: !process.env.CI && !process.env.CUSTODIA_TEST_COUNTS,
    testTimeout: 60_000,
    hookTimeout: 180_000,
  },
});
