/**
 * `.ci/run` in a small house whose `npm` is a script of ours: what a real one does takes minutes, and here it must also fail,
 * leave processes behind and be interrupted.
 */
import { spawn } from 'node:child_process';
import { chmod, cp, mkdir, mkdtemp, readFile, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';

const root = path.join(import.meta.dirname, '../../..');

const WRITE = {
  tests: (counts: string) => `echo '${counts}' >"$CUSTODIA_TEST_COUNTS"`,
  checks: (counts: string) => `echo '${counts}' >"$CUSTODIA_CHECK_COUNTS"`,
};
const GOOD = {
  ci: 'true',
  test: WRITE.tests('{"passed":5,"failed":0,"skipped":2}'),
  check: WRITE.checks('{"passed":8,"failed":0}'),
};

let house: string;
beforeEach(async () => {
  house = await mkdtemp(path.join(tmpdir(), 'ci-run-'));
  for (const file of ['.ci/run', 'infra/node24.cjs', 'test/support/ci-counts.ts', 'test/support/counts.ts']) {
    await cp(path.join(root, file), path.join(house, file));
  }
  await writeFile(path.join(house, 'package.json'), '{ "type": "module" }');
  await symlink(path.join(root, 'node_modules'), path.join(house, 'node_modules'), 'junction');
});
afterEach(() => rm(house, { recursive: true, force: true }));

/** Runs `.ci/run` where `npm ci`, `npm test` and `npm run check` do what the shell lines say; `calls` is what was asked of npm. */
async function run(npm: typeof GOOD, whenCalled?: (name: string, kill: (signal: NodeJS.Signals) => void) => void) {
  const bin = path.join(house, 'bin');
  await mkdir(bin);
  const cases = `'ci') ${npm.ci} ;;\n'test') ${npm.test} ;;\n'run check') ${npm.check} ;;\n`;
  await writeFile(path.join(bin, 'npm'), `#!/usr/bin/env bash\necho "npm $*"\ncase "$*" in\n${cases}esac\n`);
  await chmod(path.join(bin, 'npm'), 0o755);

  const PATH = [bin, path.dirname(process.execPath), process.env.PATH].join(path.delimiter);
  // From another directory: it must find its own way home.
  const child = spawn(path.join(house, '.ci/run'), [], { cwd: tmpdir(), env: { ...process.env, PATH } });
  let stdout = '';
  child.stdout.setEncoding('utf8').on('data', (chunk: string) => {
    stdout += chunk;
    for (const [, name = ''] of chunk.matchAll(/^npm (.*)$/gm)) whenCalled?.(name, (signal) => child.kill(signal));
  });
  const { promise, resolve } = Promise.withResolvers<number | null>();
  child.on('close', resolve);
  const code = await promise;
  const lines = stdout.trimEnd().split('\n');
  return { code, last: lines.at(-1), calls: lines.filter((line) => line.startsWith('npm ')) };
}

/** A process that was killed and whose parent hasn't yet asked how it ended (Z) no longer runs. */
const runs = (pid: number) =>
  readFile(`/proc/${pid}/stat`, 'utf8').then(
    (stat) => !/\) Z/.test(stat),
    () => false,
  );

describe.runIf(process.platform === 'linux')('.ci/run', () => {
  it('installs, tests, checks, and adds up', async () => {
    const end = await run(GOOD);
    expect(end).toEqual({ code: 0, last: '13 passed, 0 failed', calls: ['npm ci', 'npm test', 'npm run check'] });
  });

  it.each([
    ['tests fail', { ...GOOD, test: `${WRITE.tests('{"passed":5,"failed":2}')}; exit 1` }, '13 passed, 2 failed'],
    [
      'a part of the check fails',
      { ...GOOD, check: `${WRITE.checks('{"passed":7,"failed":1}')}; exit 1` },
      '12 passed, 1 failed',
    ],
    ['the test run is killed', { ...GOOD, test: 'kill -9 $$' }, '8 passed, 1 failed'],
    ['nothing passed', { ...GOOD, test: WRITE.tests('{"passed":0,"failed":0}') }, '8 passed, 1 failed'],
    ['both say nothing', { ...GOOD, test: 'true', check: 'true' }, '0 passed, 2 failed'],
  ])('fails when %s, and still checks', async (_what, npm, last) => {
    const end = await run(npm);
    expect(end).toEqual({ code: 1, last, calls: ['npm ci', 'npm test', 'npm run check'] });
  });

  it('ends where the installation fails', async () => {
    expect(await run({ ...GOOD, ci: 'exit 1' })).toEqual({ code: 1, last: '0 passed, 1 failed', calls: ['npm ci'] });
  });

  it('leaves no process behind: neither one of the step’s group nor a detached one', async () => {
    const left = (name: string) => path.join(house, name);
    const inGroup = `sleep 300 & echo $! >'${left('in-group')}'`;
    const detached = `setsid sleep 300 & sleep 0.2; pgrep -n -P $$ sleep >'${left('detached')}'`;
    const end = await run({ ...GOOD, test: `${inGroup}; ${detached}; ${GOOD.test}` });
    expect(end.last).toBe('13 passed, 0 failed');
    for (const name of ['in-group', 'detached']) {
      const pid = Number(await readFile(left(name), 'utf8'));
      expect(pid).toBeGreaterThan(1);
      await expect.poll(() => runs(pid), { message: name }).toBe(false);
    }
  });

  it('ends what it started, and says so, when it is interrupted', async () => {
    const file = path.join(house, 'pid');
    const npm = { ...GOOD, test: `sleep 300 & echo $! >'${file}'; echo 'npm waits'; wait` };
    const end = await run(npm, (name, kill) => name === 'waits' && kill('SIGTERM'));
    expect(end).toMatchObject({ code: 1, last: '0 passed, 1 failed' });
    const pid = Number(await readFile(file, 'utf8'));
    await expect.poll(() => runs(pid)).toBe(false);
  });
});
