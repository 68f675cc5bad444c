/**
 * What `npm test` prints: a line a file as it ends, with its failures and console output in full if it has any; at the end
 * what failed outside any file, and the counts. A passing file's console output is dropped: failures are found by reading.
 */
import path from 'node:path';
import { stripVTControlCharacters } from 'node:util';
import type { UserConsoleLog } from 'vitest';
import type { Reporter, SerializedError, TestModule } from 'vitest/node';
import { reportCounts, TEST_COUNTS } from './counts.ts';
import { countModule, countRun } from './test-counts.ts';

export default class CompactReporter implements Reporter {
  readonly #startedAt = performance.now();
  readonly #logs = new Map<string, string[]>();

  onUserConsoleLog(log: UserConsoleLog): void {
    // A task's id is its file's, then `_` and its place in the file.
    const file = log.taskId?.split('_')[0] ?? '';
    const lines = this.#logs.get(file) ?? [];
    lines.push(log.content);
    this.#logs.set(file, lines);
  }

  onTestModuleEnd(module: TestModule): void {
    const { passed, failed, skipped } = countModule(module);
    const counts = [`${passed} passed`, failed && `${failed} failed`, skipped && `${skipped} skipped`].filter(Boolean);
    const duration = Math.round(module.diagnostic().duration);
    print(0, `${failed ? '✗' : '✓'} ${module.relativeModuleId} (${counts.join(', ')}, ${duration} ms)`);
    if (failed) this.#printFailures(module);
    this.#logs.delete(module.id);
  }

  onTestRunEnd(modules: readonly TestModule[], unhandled: readonly SerializedError[]): void {
    for (const error of unhandled) {
      print(0, '✗ unhandled error');
      printError(error);
    }
    const counts = countRun(modules, unhandled);
    reportCounts(TEST_COUNTS, counts);
    const seconds = ((performance.now() - this.#startedAt) / 1000).toFixed(1);
    const skipped = counts.skipped ? `, ${counts.skipped} skipped` : '';
    print(
      0,
      `tests: ${counts.passed} passed, ${counts.failed} failed${skipped} in ${modules.length} files, ${seconds} s`,
    );
    // A run that proved nothing isn't a success, whatever the runner thinks of it.
    if (counts.failed > 0 || counts.passed === 0) process.exitCode = 1;
  }

  onProcessTimeout(): void {
    print(0, '✗ something still runs after the last test: a server, a timer or a child that no test stopped');
  }

  #printFailures(module: TestModule): void {
    for (const group of [module, ...module.children.allSuites()]) {
      const name = group.type === 'suite' ? group.fullName : 'outside the tests';
      for (const error of group.errors()) {
        print(2, `✗ ${name}`);
        printError(error);
      }
    }
    for (const test of module.children.allTests()) {
      const { state, errors } = test.result();
      if (state !== 'failed' && state !== 'pending') continue;
      print(2, `✗ ${test.fullName}${state === 'pending' ? ' (never finished)' : ''}`);
      for (const error of errors ?? []) printError(error);
    }
    const logs = this.#logs.get(module.id) ?? [];
    if (logs.length > 0) print(2, `console:\n${logs.join('').trimEnd().replace(/^/gm, '  ')}`);
  }
}

const print = (width: number, text: string) => console.log(text.trimEnd().replace(/^(?=.)/gm, ' '.repeat(width)));

/** Of a text of any length the first lines: a difference of a thousand lines hides the failure after it. */
function head(text: string): string {
  const lines = stripVTControlCharacters(text).split('\n');
  return lines.length <= 60 ? lines.join('\n') : `${lines.slice(0, 60).join('\n')}\n… ${lines.length - 60} more lines`;
}

function printError(error: SerializedError): void {
  print(4, head(`${error.name ?? 'Error'}: ${error.message}`));
  if (typeof error.diff === 'string') print(4, head(error.diff));
  const frames = (error.stacks ?? []).map(
    ({ method, file, line, column }) => `at ${method || '(top level)'} ${path.relative('.', file)}:${line}:${column}`,
  );
  print(6, frames.length > 0 ? frames.join('\n') : (error.stack ?? ''));
  if (error.cause) {
    print(4, 'caused by');
    printError(error.cause);
  }
}
