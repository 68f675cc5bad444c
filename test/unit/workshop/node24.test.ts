/** The launcher, by what a person and a supervisor see of it: output, exit code, signals. */
import { spawn } from 'node:child_process';
import { chmod, cp, mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';

const launcher = path.join(import.meta.dirname, '../../../infra/node24.cjs');

let directory: string;
beforeAll(async () => {
  directory = await mkdtemp(path.join(tmpdir(), 'node24-'));
});
afterAll(() => rm(directory, { recursive: true, force: true }));

interface End {
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
  readonly stdout: string;
  readonly stderr: string;
}

/** Runs the launcher; `onLine` hears each chunk of its standard output and may signal it. */
function launch(
  args: string[],
  options: { file?: string; onOutput?: (kill: (s: NodeJS.Signals) => void) => void } = {},
) {
  const child = spawn(process.execPath, [options.file ?? launcher, ...args], { stdio: ['ignore', 'pipe', 'pipe'] });
  const { promise, resolve } = Promise.withResolvers<End>();
  let stdout = '';
  let stderr = '';
  child.stdout.setEncoding('utf8').on('data', (chunk: string) => {
    if (stdout === '') options.onOutput?.((signal) => child.kill(signal));
    stdout += chunk;
  });
  child.stderr.setEncoding('utf8').on('data', (chunk: string) => {
    stderr += chunk;
  });
  child.on('close', (code, signal) => resolve({ code, signal, stdout, stderr }));
  return promise;
}

async function script(name: string, text: string): Promise<string> {
  const file = path.join(directory, name);
  await writeFile(file, text);
  return file;
}

/** A copy of the launcher in a house of its own, which asks for a Node that doesn't exist yet. */
async function demandingCopy(name: string): Promise<string> {
  const house = path.join(directory, name);
  await mkdir(path.join(house, 'infra'), { recursive: true });
  const text = await readFile(launcher, 'utf8');
  const demanding = text.replace('const MAJOR = 24;', 'const MAJOR = 999;');
  expect(demanding).not.toBe(text);
  await writeFile(path.join(house, 'infra/node24.cjs'), demanding);
  return house;
}

describe('the launcher', () => {
  it('runs TypeScript with its arguments and passes the exit code on', async () => {
    const file = await script(
      'exit.ts',
      'const n: number = Number(process.argv[2]);\nconsole.log(n);\nprocess.exit(n);\n',
    );
    expect(await launch([file, '42'])).toMatchObject({ code: 42, stdout: '42\n', stderr: '' });
  });

  it('runs Node 24 or later, and puts it first in PATH for what the script starts', async () => {
    const text = `import { execFileSync } from 'node:child_process';
console.log(process.version, execFileSync('node', ['--version'], { encoding: 'utf8' }).trim());`;
    const { stdout } = await launch([await script('version.ts', text)]);
    const [own = '', started] = stdout.trim().split(' ');
    expect(Number.parseInt(own.slice(1), 10)).toBeGreaterThanOrEqual(24);
    expect(started).toBe(own);
  });

  it('has compiled code kept beside the packages, unless the environment names another place', async () => {
    const file = await script('cache.ts', 'console.log(process.env.NODE_COMPILE_CACHE);');
    vi.stubEnv('NODE_COMPILE_CACHE', undefined);
    const beside = path.join(path.dirname(launcher), '../node_modules/.cache/node24');
    expect((await launch([file])).stdout).toBe(`${beside}\n`);
    vi.stubEnv('NODE_COMPILE_CACHE', directory);
    expect((await launch([file])).stdout).toBe(`${directory}\n`);
    vi.unstubAllEnvs();
  });

  it.each(['SIGINT', 'SIGTERM', 'SIGHUP'] as const)(
    'passes %s on and waits for the script to end in its own way',
    async (signal) => {
      const text = `setInterval(() => {}, 1000);
process.on('${signal}', () => { console.log('stopping'); setTimeout(() => process.exit(7), 50); });
console.log('ready');`;
      const end = await launch([await script(`${signal}.ts`, text)], { onOutput: (kill) => kill(signal) });
      expect(end).toMatchObject({ code: 7, signal: null, stdout: 'ready\nstopping\n' });
    },
  );

  it('ends by the signal that ended the script', async () => {
    const file = await script('dies.ts', `setInterval(() => {}, 1000);\nconsole.log('ready');`);
    const end = await launch([file], { onOutput: (kill) => kill('SIGTERM') });
    expect(end).toMatchObject({ code: null, signal: 'SIGTERM' });
  });

  it('takes the pinned copy where this Node is too old', async () => {
    const house = await demandingCopy('pinned');
    const platform = process.platform === 'win32' ? 'win' : process.platform;
    const pinned = path.join(house, `node_modules/node-${platform}-${process.arch}`);
    const binary = path.join(pinned, process.platform === 'win32' ? 'bin/node.exe' : 'bin/node');
    await mkdir(path.join(pinned, 'bin'), { recursive: true });
    await writeFile(path.join(pinned, 'package.json'), '{}');
    await cp(process.execPath, binary);
    await chmod(binary, 0o755);
    const file = await script('where.ts', 'console.log(process.execPath);');
    const end = await launch([file], { file: path.join(house, 'infra/node24.cjs') });
    expect(end).toMatchObject({ code: 0, stdout: `${binary}\n` });
  });

  it('says what to do where there is neither', async () => {
    const house = await demandingCopy('bare');
    const end = await launch(['never-read.ts'], { file: path.join(house, 'infra/node24.cjs') });
    expect(end).toMatchObject({ code: 1, stdout: '' });
    expect(end.stderr).toMatch(
      /^Custodia needs Node 999 or later\. This is Node \d+\.\d+\.\d+, .*install Node 999 \(https:/,
    );
  });
});
