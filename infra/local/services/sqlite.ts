/**
 * How a service keeps its state: one SQLite file in WAL mode, so that what was answered survives `kill -9`, readable by its owner
 * alone, checked when it is opened.
 */
import { closeSync, openSync } from 'node:fs';
import { DatabaseSync } from 'node:sqlite';

/** Opens the file and makes the schema's tables where they are missing. Throws an error that names the file if it is damaged. */
export function openSqlite(file: string, schema: string): DatabaseSync {
  closeSync(openSync(file, 'a', 0o600));
  let db: DatabaseSync | undefined;
  try {
    db = new DatabaseSync(file);
    db.exec('PRAGMA journal_mode = WAL; PRAGMA synchronous = NORMAL; PRAGMA foreign_keys = ON');
    const check = db.prepare('PRAGMA quick_check(1)').get();
    if (check?.quick_check !== 'ok') throw new Error(String(check?.quick_check));
    db.exec(schema);
    return db;
  } catch (cause) {
    db?.close();
    const reason = cause instanceof Error ? cause.message : String(cause);
    throw new Error(`${file} is damaged: ${reason}. Start with --fresh to begin again without it.`, { cause });
  }
}

/** Runs `work` in one transaction: all of it, or nothing. It must not await. */
export function atomically<T>(db: DatabaseSync, work: () => T): T {
  db.exec('BEGIN IMMEDIATE');
  try {
    const result = work();
    db.exec('COMMIT');
    return result;
  } catch (error) {
    db.exec('ROLLBACK');
    throw error;
  }
}
