/**
 * Ends the host with the process that started it, so that a killed test run leaves no host behind. Between the two stand the
 * launcher (`infra/node24.cjs`) and maybe npm: on Linux the whole way from the host up to npm is watched, elsewhere the parent.
 */
import { readFileSync } from 'node:fs';

const EVERY_MS = 500;

export function whenParentEnds(then: () => void): () => void {
  const chain = ancestors();
  const timer = setInterval(() => {
    if (process.ppid === chain[0] && chain.every((pid, index) => standsUnder(pid, chain[index + 1]))) return;
    clearInterval(timer);
    then();
  }, EVERY_MS);
  timer.unref();
  return () => clearInterval(timer);
}

/** The parent; if that is the launcher, whoever runs it; and over npm's shell up to npm. */
function ancestors(): number[] {
  const chain = [process.ppid];
  for (let last = process.ppid; ; ) {
    const next = parentOf(last);
    if (next === undefined || next <= 1 || !passesOn(last, next)) return chain;
    chain.push(next);
    last = next;
  }
}

function passesOn(pid: number, parent: number): boolean {
  const command = commandOf(pid);
  if (command.some((part) => part.endsWith('node24.cjs')) && !isShell(command)) return true;
  return isShell(command) && /\bnpm\b/.test(commandOf(parent).join(' '));
}

const commandOf = (pid: number): string[] => read(`/proc/${pid}/cmdline`)?.split('\0') ?? [];

const isShell = ([program = '', option]: string[]): boolean => /(^|\/)(sh|dash|bash)$/.test(program) && option === '-c';

function standsUnder(pid: number, parent: number | undefined): boolean {
  if (parent !== undefined) return parentOf(pid) === parent;
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    // A process of somebody else is alive, too.
    return error instanceof Error && 'code' in error && error.code === 'EPERM';
  }
}

/** The fourth field of /proc/PID/stat; the second, the name, may hold spaces and parentheses. */
function parentOf(pid: number): number | undefined {
  const stat = read(`/proc/${pid}/stat`);
  const field = stat?.slice(stat.lastIndexOf(')') + 2).split(' ')[1];
  return field === undefined ? undefined : Number(field);
}

function read(file: string): string | undefined {
  try {
    return readFileSync(file, 'utf8');
  } catch {
    return undefined;
  }
}
