import { renameSync, writeFileSync } from 'node:fs';

/** Whole or not at all, and for the owner alone. */
export function writePrivately(file: string, text: string): void {
  const draft = `${file}.new`;
  writeFileSync(draft, text, { mode: 0o600, flush: true });
  renameSync(draft, file);
}
