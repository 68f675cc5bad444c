/**
 * What a test run amounts to. Everything that went wrong counts: a failed test, one that never finished, a file or group whose
 * code outside the tests threw (its tests are then skipped, not passed), a file that never ran, an error nobody caught.
 */
import type { SerializedError, TestModule, TestSuite } from 'vitest/node';
import type { Counts } from './counts.ts';

export function countModule(module: TestModule): Required<Counts> {
  const tests = [...module.children.allTests()].map((test) => test.result().state);
  const broken = [module, ...module.children.allSuites()].filter(
    (group: TestModule | TestSuite) => group.errors().length > 0,
  );
  const neverRan = tests.length === 0 && broken.length === 0 && module.state() !== 'skipped';
  return {
    passed: tests.filter((state) => state === 'passed').length,
    failed:
      tests.filter((state) => state === 'failed' || state === 'pending').length + broken.length + Number(neverRan),
    skipped: tests.filter((state) => state === 'skipped').length,
  };
}

export function countRun(modules: readonly TestModule[], unhandled: readonly SerializedError[]): Required<Counts> {
  const total = { passed: 0, failed: unhandled.length, skipped: 0 };
  for (const counts of modules.map(countModule)) {
    total.passed += counts.passed;
    total.failed += counts.failed;
    total.skipped += counts.skipped;
  }
  return total;
}
