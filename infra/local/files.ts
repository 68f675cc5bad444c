/** Small files that must be whole or absent, readable by their owner alone. */
import { renameSync, rmSync, writeFileSync } from 'node:fs';

export const PRIVATE_FILE = 0o600;
export const PRIVATE_DIRECTORY = 0o700;

/** Replaces the file at once: a reader or a crash sees the old or the new one. */
export function writeJson(file: string, value: unknown): void {
  const draft = `${file}.tmp`;
  rmSync(draft, { force: true });
  writeFileSync(draft, `${JSON.stringify(value, undefined, 2)}\n`, { mode: PRIVATE_FILE });
  renameSync(draft, file);
}
