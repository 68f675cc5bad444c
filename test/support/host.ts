/**
 * The host as a user starts it: the command of `npm start`, in its own process. A test sees of it only `endpoints.json`, and the
 * control socket where it asks for one. A kill is SIGKILL. A file that doesn't need a host to itself shares one: shared-host.ts.
 *
 * A host synthesizes unless its data directory holds the assembly. Within a test run a new directory gets a copy of what the run's
 * first host made of the same sources; the host itself judges by their hash whether it still serves.
 */
import { type ChildProcess, spawn } from 'node:child_process';
import { cpSync, existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import * as z from 'zod';
import { madeOnce, runFolder } from './run-folder.ts';

export const ROOT = fileURLToPath(new URL('../../', import.meta.url));
const REFUSE_OUTSIDE = new URL('./refuse-outside.mjs', import.meta.url).href;
/** On a machine that does much else, too. */
const BOOT_MS = 150_000;
/** Of a data directory: that it is a host's, and the assembly. */
const PREPARED = ['custodia-laptop.json', 'assembly'];
const CALLED_OUT = 'OUTSIDE CONNECTION REFUSED';

const endpointsSchema = z.object({
  api: z.string(),
  docs: z.string(),
  mqtt: z.object({ host: z.string(), port: z.number(), caFile: z.string() }),
  oauth: z.object({
    issuer: z.string(),
    authorizeUrl: z.string(),
    tokenUrl: z.string(),
    revokeUrl: z.string(),
    logoutUrl: z.string(),
    jwksUrl: z.string(),
    publicClientId: z.string(),
    redirectUris: z.array(z.string()),
  }),
  operator: z.object({
    clientId: z.string(),
    clientSecret: z.string(),
    email: z.string(),
    password: z.string(),
    authorizeUrl: z.string(),
    tokenUrl: z.string(),
    publicClientId: z.string(),
  }),
  outbox: z.string(),
  pid: z.number(),
});
export type Endpoints = z.output<typeof endpointsSchema>;

export interface RunningHost {
  readonly endpoints: Endpoints;
  readonly data: string;
  /** A command to the control socket. */
  control(command: string, options?: Record<string, unknown>): Promise<unknown>;
  /** Moves the host's clock by so many seconds, 0 for not at all; answers its time, in epoch milliseconds. */
  advance(seconds: number): Promise<number>;
}

/** Of whoever started it. */
export interface Host extends RunningHost {
  /** What it printed so far. */
  output(): string;
  /** Whether it tried to reach another machine. */
  calledOut(): boolean;
  /** SIGTERM, and wait; answers the exit code. */
  stop(): Promise<number | null>;
  /** SIGKILL of the host's process, and wait. */
  kill(): Promise<void>;
  /** Stops it if it runs, and removes its data. Throws if it called out. */
  dispose(): Promise<void>;
}

export const newDataDirectory = (): string => mkdtempSync(path.join(tmpdir(), 'custodia-'));

/** A new data directory with the assembly of the run's first host on these sources, if there was one. */
function preparedDirectory(): string {
  const data = newDataDirectory();
  const prepared = path.join(runFolder() ?? data, 'prepared');
  if (existsSync(prepared)) cpSync(prepared, data, { recursive: true });
  return data;
}

function keepAssembly(data: string): void {
  const folder = runFolder();
  if (folder === undefined) return;
  madeOnce(folder, 'prepared', (draft) => {
    for (const name of PREPARED) cpSync(path.join(data, name), path.join(draft, name), { recursive: true });
  });
}

/** The command line of `npm start`. */
function startCommand(): string[] {
  const manifest = z.object({ scripts: z.object({ start: z.string() }) });
  const { scripts } = manifest.parse(JSON.parse(readFileSync(path.join(ROOT, 'package.json'), 'utf8')));
  return scripts.start.split(' ');
}

export function spawnHost(args: readonly string[], root = ROOT): ChildProcess {
  const [command = 'node', ...rest] = startCommand();
  const env = { ...process.env, NODE_OPTIONS: `--import ${REFUSE_OUTSIDE}` };
  return spawn(command, [...rest, ...args], { cwd: root, stdio: ['ignore', 'pipe', 'pipe'], env });
}

export interface HostOptions {
  readonly data?: string;
  readonly args?: readonly string[];
  /** A copy of the project; by default, it itself. */
  readonly root?: string;
}

const socketOf = (data: string) => path.join(data, 'control.sock');
const endpointsOf = (data: string) => path.join(data, 'endpoints.json');

/** The host that runs on that directory. */
export function hostOn(data: string): RunningHost {
  const control: RunningHost['control'] = (command, more = {}) => controlCommand(socketOf(data), command, more);
  return {
    endpoints: endpointsSchema.parse(JSON.parse(readFileSync(endpointsOf(data), 'utf8'))),
    data,
    control,
    advance: async (seconds) => {
      const moved = await control('clock', { advance: seconds * 1000 });
      return z.object({ ok: z.object({ now: z.number() }) }).parse(moved).ok.now;
    },
  };
}

export async function startHost(options: HostOptions = {}): Promise<Host> {
  const isOurs = options.root === undefined;
  const data = options.data ?? (isOurs ? preparedDirectory() : newDataDirectory());
  const socket = socketOf(data);
  const file = endpointsOf(data);
  rmSync(file, { force: true });
  const ports = existsSync(path.join(data, 'settings.json'))
    ? []
    : ['--port', '0', '--auth-port', '0', '--mqtt-port', '0'];
  const child = spawnHost(['--data', data, '--control', socket, ...ports, ...(options.args ?? [])], options.root);
  let output = '';
  child.stdout?.on('data', (chunk) => {
    output += chunk;
  });
  child.stderr?.on('data', (chunk) => {
    output += chunk;
  });
  const ended = new Promise<number | null>((resolve) => child.once('exit', (code) => resolve(code)));

  const until = Date.now() + BOOT_MS;
  let gone = false;
  void ended.then(() => {
    gone = true;
  });
  while (!existsSync(file)) {
    if (gone || Date.now() > until) {
      child.kill('SIGKILL');
      throw new Error(`The host did not start:\n${output}`);
    }
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
  if (isOurs) keepAssembly(data);
  const running = hostOn(data);
  const { endpoints } = running;

  const host: Host = {
    ...running,
    output: () => output,
    calledOut: () => output.includes(CALLED_OUT),
    stop: async () => {
      process.kill(endpoints.pid, 'SIGTERM');
      return ended;
    },
    kill: async () => {
      process.kill(endpoints.pid, 'SIGKILL');
      await ended;
    },
    dispose: async () => {
      if (!gone) await host.stop();
      // Seen by every test that starts a host: the laptop calls nobody.
      if (host.calledOut()) throw new Error(`The host called out:\n${output}`);
      rmSync(data, { recursive: true, force: true });
    },
  };
  return host;
}

function controlCommand(socket: string, command: string, more: Record<string, unknown>): Promise<unknown> {
  return new Promise((resolve, reject) => {
    const connection = connect(socket, () => connection.write(`${JSON.stringify({ id: 1, command, ...more })}\n`));
    let text = '';
    connection.on('data', (chunk) => {
      text += chunk;
      if (!text.includes('\n')) return;
      connection.end();
      const answer = JSON.parse(text) as { error?: unknown };
      if (answer.error === undefined) resolve(answer);
      else reject(new Error(`control: ${JSON.stringify(answer.error)}`));
    });
    connection.on('error', reject);
  });
}
