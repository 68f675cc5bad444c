/** What lies in a host's tables, read past everything that guards them: for what no answer shows any more. */

import { cpSync, mkdtempSync, rmSync } from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import path from 'node:path';

interface Level {
  open(): Promise<void>;
  close(): Promise<void>;
  values(range: { gte: string; lt: string }): AsyncIterable<unknown>;
}
const db: { create(options: { path: string }): { db: Level } } = createRequire(import.meta.url)('dynalite/db');

/** Every item of every table, as JSON. */
export async function itemsOnDisk(data: string): Promise<string[]> {
  // A copy: a running host holds the lock of its own.
  const copy = mkdtempSync(path.join(tmpdir(), 'custodia-tables-'));
  cpSync(path.join(data, 'services/dynamodb'), copy, { recursive: true });
  const { db: level } = db.create({ path: copy });
  await level.open();
  try {
    return await Array.fromAsync(level.values({ gte: 'item-', lt: 'item.' }), (item) => JSON.stringify(item));
  } finally {
    await level.close();
    rmSync(copy, { recursive: true });
  }
}
