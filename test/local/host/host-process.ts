/** Starts the host on a fixture project, as `npm start` would start it on this one. */
import { type ChildProcess, spawn } from 'node:child_process';
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { onTestFinished } from 'vitest';
import type { Endpoints } from '../../../infra/local/endpoints.ts';

const RUN = path.resolve('infra/local/run.ts');

export interface HostProcess {
  readonly process: ChildProcess;
  /** Both streams, as far as they have come. */
  output(): string;
  /** Waits for the end; the exit code, or the signal that ended it. */
  readonly ended: Promise<number | NodeJS.Signals>;
  /** Waits until it says that it runs. */
  ready(): Promise<Endpoints>;
}

/** On ports of its own, so that hosts of other tests are not in its way. */
const ANY_PORTS = ['--port', '0', '--auth-port', '0', '--mqtt-port', '0'];

export function hostProcess(project: string, data: string, ...options: string[]): HostProcess {
  return run(project, ['--data', data, ...ANY_PORTS, ...options]);
}

export function run(project: string, args: readonly string[]): HostProcess {
  const code = `import { runHost } from ${JSON.stringify(RUN)}; await runHost(process.argv.slice(1), ${JSON.stringify(project)});`;
  const child = spawn(process.execPath, ['--input-type=module-typescript', '-e', code, '--', ...args], {
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let output = '';
  const ended = new Promise<number | NodeJS.Signals>((resolve) =>
    child.once('close', (exit, signal) => resolve(exit ?? signal ?? -1)),
  );
  // Before its directory is deleted, or it would write into it again.
  onTestFinished(async () => {
    child.kill('SIGKILL');
    await ended;
  });
  const running = new Promise<void>((resolve, reject) => {
    for (const stream of [child.stdout, child.stderr]) {
      stream.setEncoding('utf8').on('data', (text: string) => {
        output += text;
        if (output.includes('Custodia is running.')) resolve();
      });
    }
    void ended.then(() => reject(new Error(`the host ended:\n${output}`)));
  });
  running.catch(() => {});
  const data = args[args.indexOf('--data') + 1] ?? '';
  return {
    process: child,
    output: () => output,
    ended,
    async ready() {
      await running;
      return JSON.parse(readFileSync(path.join(data, 'endpoints.json'), 'utf8'));
    },
  };
}
