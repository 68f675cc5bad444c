/**
 * One host per data directory. The lock is SQLite's exclusive file lock: the kernel lets go of it when the process ends, however
 * it ends, on every platform; a pid file alone would be stale after `kill -9`, and pids are used again.
 */
import { readFileSync, rmSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { PRIVATE_FILE } from './files.ts';
import { Refusal } from './refusal.ts';

export const LOCK_FILE = 'host.lock';
export const PID_FILE = 'host.pid';
const SQLITE_BUSY = 5;

/** Answers what releases the lock. Throws a `Refusal` that names the other host, or SQLite's error about a damaged lock file. */
export function lockDirectory(dir: string): () => void {
  const pidFile = path.join(dir, PID_FILE);
  const lock = new DatabaseSync(path.join(dir, LOCK_FILE));
  try {
    lock.exec('PRAGMA busy_timeout = 0; BEGIN EXCLUSIVE');
  } catch (error) {
    lock.close();
    if (!(error instanceof Error && 'errcode' in error && error.errcode === SQLITE_BUSY)) throw error;
    throw new Refusal(
      `Another host${otherPid(pidFile)} is running on ${dir}: stop it, or choose another directory with --data.`,
    );
  }
  writeFileSync(pidFile, `${process.pid}\n`, { mode: PRIVATE_FILE });
  return () => {
    if (!lock.isOpen) return;
    rmSync(pidFile, { force: true });
    lock.close();
  };
}

function otherPid(file: string): string {
  try {
    return ` (process ${readFileSync(file, 'utf8').trim()})`;
  } catch {
    return '';
  }
}
