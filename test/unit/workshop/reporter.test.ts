/** The reporter on real runs of small suites, each in a process of its own, as `npm test` starts it. */
import { execFile } from 'node:child_process';
import { mkdtemp, readFile, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';

const root = path.join(import.meta.dirname, '../../..');
const vitest = path.join(root, 'node_modules/vitest/vitest.mjs');

const SUITES: Readonly<Record<string, string>> = {
  good: `it('holds', () => console.log('noise of a good file')); it.skip('is for another day', () => {});`,
  bad: `it('holds', () => {}); it('breaks', () => { console.log('a clue'); expect(1).toBe(2); });`,
  unloadable: `import './not-there.js'; it('never runs', () => {});`,
  'syntax-error': `it('never runs', ( => {});`,
  empty: 'export {};',
  rejects: `it('holds', () => { Promise.reject(new Error('nobody caught me', { cause: new Error('the reason') })); });`,
  'setup-fails': `import { beforeAll } from 'vitest'; beforeAll(() => { throw new Error('no setup'); }); it('waits', () => {});`,
  'teardown-fails': `import { afterAll } from 'vitest'; afterAll(() => { throw new Error('no teardown'); }); it('holds', () => {});`,
  'group-fails': `import { beforeAll, describe } from 'vitest'; it('holds', () => {}); describe('group', () => { beforeAll(() => { throw new Error('no group'); }); it('waits', () => {}); });`,
  dies: `it('ends the process', () => { process.kill(process.pid, 'SIGKILL'); return new Promise(() => {}); });`,
};

let directory: string;
beforeAll(async () => {
  directory = await mkdtemp(path.join(tmpdir(), 'reporter-'));
  await symlink(path.join(root, 'node_modules'), path.join(directory, 'node_modules'), 'junction');
  for (const [name, body] of Object.entries(SUITES)) {
    await writeFile(path.join(directory, `${name}.test.js`), `import { expect, it } from 'vitest';\n${body}\n`);
  }
});
afterAll(() => rm(directory, { recursive: true, force: true }));

async function report(...suites: string[]) {
  const counts = path.join(directory, `${suites.join('+')}.json`);
  const files = suites.map((name) => `${name}.test.js`);
  const reporter = path.join(root, 'test/support/reporter.ts');
  const args = ['run', '--root', directory, '--pool', 'forks', '--reporter', reporter, ...files];
  const env = { ...process.env, CUSTODIA_TEST_COUNTS: counts, VITEST: undefined, NODE_ENV: undefined };
  const { code, stdout } = await promisify(execFile)(process.execPath, [vitest, ...args], { env }).then(
    (end) => ({ code: 0, stdout: end.stdout }),
    (error: { code: number; stdout: string }) => error,
  );
  const written: unknown = JSON.parse(await readFile(counts, 'utf8'));
  return { code, stdout, counts: written };
}

it('counts what passed and what was skipped, and keeps quiet about a good file', async () => {
  const { code, stdout, counts } = await report('good');
  expect(counts).toEqual({ passed: 1, failed: 0, skipped: 1 });
  expect(stdout).toMatch(/✓ good\.test\.js \(1 passed, 1 skipped, \d+ ms\)/);
  expect(stdout).toMatch(/tests: 1 passed, 0 failed, 1 skipped in 1 files/);
  expect(stdout).not.toContain('noise');
  expect(code).toBe(0);
});

describe('a run in which everything went wrong that can', () => {
  const expected: Readonly<Record<string, readonly [counts: string, says: RegExp]>> = {
    bad: [
      '1 passed, 1 failed',
      /✗ breaks\n +AssertionError: expected 1 to be 2[\s\S]+bad\.test\.js:2:\d+\n +console:\n +a clue/,
    ],
    unloadable: ['0 passed, 1 failed', /outside the tests\n.*not-there\.js/],
    'syntax-error': ['0 passed, 1 failed', /outside the tests\n/],
    empty: ['0 passed, 1 failed', /No test suite found/],
    'setup-fails': ['0 passed, 1 failed, 1 skipped', /Error: no setup/],
    'teardown-fails': ['1 passed, 1 failed', /Error: no teardown/],
    'group-fails': ['1 passed, 1 failed, 1 skipped', /✗ group\n +Error: no group/],
  };
  let run: Awaited<ReturnType<typeof report>>;
  beforeAll(async () => {
    run = await report(...Object.keys(expected), 'rejects');
  });

  it.each(Object.entries(expected))('shows what is wrong in %s', (suite, [counts, says]) => {
    const from = run.stdout.indexOf(`✗ ${suite}.test.js (${counts}, `);
    expect(from, `${suite}: ${counts} in\n${run.stdout}`).toBeGreaterThanOrEqual(0);
    const to = run.stdout.slice(from).search(/\n\S/);
    expect(run.stdout.slice(from, from + to + 1)).toMatch(says);
  });

  it('shows the error that nobody caught, with its cause', () => {
    expect(run.stdout).toMatch(/\n✗ unhandled error\n +Error: nobody caught me\n[\s\S]+caused by\n +Error: the reason/);
  });

  it('counts all of it and exits with 1', () => {
    expect(run.counts).toEqual({ passed: 4, failed: 8, skipped: 2 });
    expect(run.code).toBe(1);
  });
});

it('counts a test whose process dies', async () => {
  const { code, counts } = await report('dies');
  expect(counts).toEqual({ passed: 0, failed: expect.toSatisfy((failed: number) => failed >= 1), skipped: 0 });
  expect(code).toBe(1);
});
