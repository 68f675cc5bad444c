/** Resident memory of a process, its children and theirs, from /proc. */
import { readdirSync, readFileSync } from 'node:fs';

interface ProcessLine {
  readonly pid: number;
  readonly parent: number;
  readonly residentKb: number;
}

function processOf(pid: string): ProcessLine | undefined {
  try {
    const status = readFileSync(`/proc/${pid}/status`, 'utf8');
    const number = (name: string) => Number(new RegExp(`^${name}:\\s+(\\d+)`, 'm').exec(status)?.[1] ?? 0);
    return { pid: Number(pid), parent: number('PPid'), residentKb: number('VmRSS') };
  } catch {
    // It has ended meanwhile.
    return undefined;
  }
}

/** MB, pages that processes share counted for each of them; `undefined` where there is no /proc. */
export function residentMb(root: number): number | undefined {
  let names: string[];
  try {
    names = readdirSync('/proc');
  } catch {
    return undefined;
  }
  const processes = names.filter((name) => /^\d+$/.test(name)).flatMap((pid) => processOf(pid) ?? []);
  const withChildren = ({ pid, residentKb }: ProcessLine): number =>
    processes.filter(({ parent }) => parent === pid).reduce((sum, child) => sum + withChildren(child), residentKb);
  const found = processes.find(({ pid }) => pid === root);
  return found && Math.round(withChildren(found) / 1024);
}
