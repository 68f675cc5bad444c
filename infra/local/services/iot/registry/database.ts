/**
 * The registry's one file: SQLite in WAL mode, so that what was answered survives `kill -9`. It holds no private keys.
 * Tables cascade: a deleted thing, group or certificate leaves no membership or attachment behind.
 */
import { closeSync, openSync } from 'node:fs';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';

const SCHEMA = `
CREATE TABLE IF NOT EXISTS things (
  name TEXT PRIMARY KEY, id TEXT NOT NULL, attributes TEXT NOT NULL, version INTEGER NOT NULL) STRICT;
CREATE TABLE IF NOT EXISTS thing_groups (
  name TEXT PRIMARY KEY, id TEXT NOT NULL, properties TEXT NOT NULL, version INTEGER NOT NULL,
  created_at INTEGER NOT NULL) STRICT;
CREATE TABLE IF NOT EXISTS group_members (
  thing_group TEXT NOT NULL REFERENCES thing_groups ON DELETE CASCADE,
  thing TEXT NOT NULL REFERENCES things ON DELETE CASCADE, PRIMARY KEY (thing_group, thing)) STRICT;
CREATE INDEX IF NOT EXISTS group_members_by_thing ON group_members (thing);
CREATE TABLE IF NOT EXISTS certificates (
  id TEXT PRIMARY KEY, pem TEXT NOT NULL, status TEXT NOT NULL,
  created_at INTEGER NOT NULL, modified_at INTEGER NOT NULL) STRICT;
CREATE TABLE IF NOT EXISTS thing_principals (
  thing TEXT NOT NULL REFERENCES things, certificate TEXT NOT NULL REFERENCES certificates, type TEXT NOT NULL,
  PRIMARY KEY (thing, certificate)) STRICT;
CREATE INDEX IF NOT EXISTS thing_principals_by_certificate ON thing_principals (certificate);
CREATE TABLE IF NOT EXISTS policies (name TEXT PRIMARY KEY, document TEXT NOT NULL) STRICT;
CREATE TABLE IF NOT EXISTS certificate_policies (
  certificate TEXT NOT NULL REFERENCES certificates ON DELETE CASCADE, policy TEXT NOT NULL REFERENCES policies,
  PRIMARY KEY (certificate, policy)) STRICT;
CREATE TABLE IF NOT EXISTS group_policies (
  thing_group TEXT NOT NULL REFERENCES thing_groups ON DELETE CASCADE, policy TEXT NOT NULL REFERENCES policies,
  PRIMARY KEY (thing_group, policy)) STRICT;
CREATE TABLE IF NOT EXISTS sessions (
  client TEXT PRIMARY KEY, id TEXT NOT NULL, certificate TEXT NOT NULL, thing TEXT, clean INTEGER NOT NULL,
  version INTEGER NOT NULL, connected_at INTEGER NOT NULL, disconnected_at INTEGER, reason TEXT) STRICT;
`;

/** Opens the registry below `dir`. Throws an error that names the file if it is damaged. */
export function openDatabase(dir: string): DatabaseSync {
  const file = join(dir, 'registry.sqlite');
  closeSync(openSync(file, 'a', 0o600));
  try {
    const db = new DatabaseSync(file);
    db.exec('PRAGMA journal_mode = WAL; PRAGMA synchronous = NORMAL; PRAGMA foreign_keys = ON');
    const check = db.prepare('PRAGMA quick_check(1)').get();
    if (check?.quick_check !== 'ok') throw new Error(String(check?.quick_check));
    db.exec(SCHEMA);
    return db;
  } catch (cause) {
    throw new Error(`${file} is damaged: ${cause instanceof Error ? cause.message : String(cause)}`, { cause });
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
