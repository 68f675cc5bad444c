import { spawn } from 'node:child_process';
import { mkdirSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { createInterface } from 'node:readline';
import { describe, expect, onTestFinished, test } from 'vitest';
import { temporaryFolder } from './fixture.ts';

/** A script that ends with its parent, and says its pid. */
function hostScript(dir: string): string {
  const file = path.join(dir, 'host.ts');
  const module = path.resolve('infra/local/parent.ts');
  writeFileSync(
    file,
    `import { whenParentEnds } from ${JSON.stringify(module)};
     whenParentEnds(() => process.exit(0));
     setInterval(() => {}, 1000);
     console.log(process.pid);`,
  );
  return file;
}

/** A process that starts another and waits for it. */
const starter = (command: string[]) => [
  '-e',
  `require('node:child_process').spawn(${JSON.stringify(command[0])}, ${JSON.stringify(command.slice(1))}, { stdio: 'inherit' })`,
];

async function start(args: string[]) {
  const parent = spawn(process.execPath, args, { stdio: ['ignore', 'pipe', 'inherit'] });
  onTestFinished(() => void parent.kill('SIGKILL'));
  const line: string = await new Promise((resolve) => createInterface({ input: parent.stdout }).once('line', resolve));
  const pid = Number(line);
  onTestFinished(() => {
    if (alive(pid)) process.kill(pid, 'SIGKILL');
  });
  return { parent, pid };
}

function alive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
}

const ended = (pid: number) => expect.poll(() => alive(pid), { timeout: 4000, interval: 50 }).toBe(false);

describe.skipIf(process.platform === 'win32')('the host ends with its parent', () => {
  test('killed directly above it', async () => {
    const { parent, pid } = await start(starter([process.execPath, hostScript(temporaryFolder())]));
    expect(alive(pid)).toBe(true);
    parent.kill('SIGKILL');
    await ended(pid);
  });

  test.skipIf(process.platform !== 'linux')('killed above the launcher, which notices nothing itself', async () => {
    const dir = temporaryFolder();
    mkdirSync(path.join(dir, 'infra'));
    const launcher = path.join(dir, 'infra', 'node24.cjs');
    writeFileSync(launcher, starter([process.execPath, hostScript(dir)])[1] ?? '');
    const { parent, pid } = await start(starter([process.execPath, launcher]));
    parent.kill('SIGKILL');
    await ended(pid);
  });

  test('and lives as long as its parent does', async () => {
    const { pid } = await start(starter([process.execPath, hostScript(temporaryFolder())]));
    await new Promise((resolve) => setTimeout(resolve, 1200));
    expect(alive(pid)).toBe(true);
  });
});
