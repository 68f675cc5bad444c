import { expect, it } from 'vitest';
import { countStep } from '../../support/ci-counts.ts';

it.each([
  ['a good run', '{"passed":3,"failed":0,"skipped":1}', 0, { passed: 3, failed: 0, skipped: 1 }],
  ['failures', '{"passed":3,"failed":2,"skipped":0}', 1, { passed: 3, failed: 2, skipped: 0 }],
  ['counts without skipped', '{"passed":8,"failed":0}', 0, { passed: 8, failed: 0, skipped: 0 }],
  ['an exit that the counts don’t explain', '{"passed":3,"failed":0}', 137, { passed: 3, failed: 1, skipped: 0 }],
  ['nothing passed', '{"passed":0,"failed":0}', 0, { passed: 0, failed: 1, skipped: 0 }],
  ['no counts', undefined, 0, { passed: 0, failed: 1, skipped: 0 }],
  ['counts cut off', '{"passed":3,"fai', 0, { passed: 0, failed: 1, skipped: 0 }],
  ['counts that are none', '{"passed":-3,"failed":0}', 0, { passed: 0, failed: 1, skipped: 0 }],
  ['an exit code that is none', '{"passed":3,"failed":0}', Number.NaN, { passed: 3, failed: 1, skipped: 0 }],
])('counts %s', (_what, written, exitCode, counts) => {
  expect(countStep(written, exitCode)).toEqual(counts);
});
