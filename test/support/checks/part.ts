/** A part of `npm run check`: a name, and a verdict on the tree under a root. A part never throws for a bad tree. */
import { spawn } from 'node:child_process';
import path from 'node:path';

export interface Verdict {
  readonly ok: boolean;
  /** What a person needs to repair it; printed only when not ok. */
  readonly output: string;
}

export interface Part {
  readonly name: string;
  run(root: string): Promise<Verdict>;
}

interface Exit {
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

/** Runs a command in `root` to its end. A command that can't be started is an exit with code `null`. */
export function execute(root: string, command: string, args: readonly string[]): Promise<Exit> {
  const { promise, resolve } = Promise.withResolvers<Exit>();
  const stdout: Buffer[] = [];
  const stderr: Buffer[] = [];
  const text = (chunks: Buffer[]) => Buffer.concat(chunks).toString('utf8');
  const child = spawn(command, args, { cwd: root, stdio: ['ignore', 'pipe', 'pipe'] });
  child.stdout.on('data', (chunk: Buffer) => stdout.push(chunk));
  child.stderr.on('data', (chunk: Buffer) => stderr.push(chunk));
  child.on('error', (error) => resolve({ code: null, stdout: '', stderr: error.message }));
  child.on('close', (code) => resolve({ code, stdout: text(stdout), stderr: text(stderr) }));
  return promise;
}

/** Runs a JavaScript tool of the tree's own node_modules on this very Node: `.bin` would start the system's. */
export const executeTool = (root: string, tool: string, args: readonly string[]): Promise<Exit> =>
  execute(root, process.execPath, [path.join(root, 'node_modules', tool), ...args]);

/** The verdict of a command whose exit code says it all. */
export const verdictOf = ({ code, stdout, stderr }: Exit): Verdict => ({ ok: code === 0, output: stdout + stderr });
