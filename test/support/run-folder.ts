/**
 * A folder that the files of one test run share, each in its own process: what is dear to make and the same for all is made once.
 * It lasts as long as the run. Nothing in it is read by what is tested, but for Node's own cache of compiled code.
 */
import { existsSync, mkdirSync, mkdtempSync, renameSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';

const RUN_FOLDER = 'CUSTODIA_TEST_RUN';

/** For the run that begins: processes started from now on find the folder by the environment. */
export function makeRunFolder(): string {
  const folder = mkdtempSync(path.join(tmpdir(), 'custodia-run-'));
  Object.assign(process.env, { [RUN_FOLDER]: folder, NODE_COMPILE_CACHE: path.join(folder, 'compiled') });
  return folder;
}

/** Absent outside a test run. */
export const runFolder = (): string | undefined => process.env[RUN_FOLDER];

export const deskOf = (folder: string): string => path.join(folder, 'desk.sock');

/** The folder of that name, filled by whoever comes first. */
export function madeOnce(folder: string, name: string, fill: (draft: string) => void): string {
  const made = path.join(folder, name);
  if (existsSync(made)) return made;
  const draft = mkdtempSync(path.join(folder, 'draft-'));
  fill(draft);
  mkdirSync(path.dirname(made), { recursive: true });
  try {
    renameSync(draft, made);
  } catch (error) {
    // Two came at once; what they made is the same.
    if (!existsSync(made)) throw error;
    rmSync(draft, { recursive: true });
  }
  return made;
}
