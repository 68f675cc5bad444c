/** Finds damaged files before a service trips over them, so that the refusal can name the file. */
import { createPrivateKey, X509Certificate } from 'node:crypto';
import { closeSync, type Dirent, openSync, readdirSync, readFileSync, readSync, statSync } from 'node:fs';
import path from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { checkJournal } from './leveldb-journal.ts';
import { messageOf } from './refusal.ts';

const LEVELDB_JOURNAL = /^\d{6,}\.log$/;
const SQLITE_HEADER = 'SQLite format 3\0';
/** Larger databases are checked by their header alone: reading them whole would delay every start. */
const WHOLE_CHECK_BYTES = 16 * 1024 * 1024;

export interface Damage {
  readonly file: string;
  readonly reason: string;
}

export function findDamage(dir: string): Damage | undefined {
  for (const entry of entriesOf(dir)) {
    const file = path.join(dir, entry.name);
    const damage = entry.isDirectory() ? findDamage(file) : checkFile(file);
    if (damage) return damage;
  }
  return undefined;
}

function entriesOf(dir: string): Dirent[] {
  try {
    return readdirSync(dir, { withFileTypes: true });
  } catch {
    return [];
  }
}

function checkFile(file: string): Damage | undefined {
  try {
    if (file.endsWith('.json')) JSON.parse(readFileSync(file, 'utf8'));
    if (/\.(db|sqlite)$/.test(file)) checkDatabase(file);
    if (file.endsWith('.pem')) checkPem(readFileSync(file, 'utf8'));
    if (LEVELDB_JOURNAL.test(path.basename(file))) checkJournal(readFileSync(file));
    return undefined;
  } catch (error) {
    return { file, reason: messageOf(error) };
  }
}

function checkPem(content: string): void {
  const blocks = [...content.matchAll(/-----BEGIN ([A-Z ]+)-----[^-]+-----END \1-----/g)];
  if (blocks.length === 0) throw new Error('no PEM');
  for (const [block, kind = ''] of blocks) {
    if (kind === 'CERTIFICATE') new X509Certificate(block);
    if (kind.endsWith('PRIVATE KEY')) createPrivateKey(block);
  }
}

function checkDatabase(file: string): void {
  const { size } = statSync(file);
  if (size === 0) return;
  const header = Buffer.alloc(SQLITE_HEADER.length);
  const descriptor = openSync(file, 'r');
  try {
    readSync(descriptor, header, 0, header.length, 0);
  } finally {
    closeSync(descriptor);
  }
  if (header.toString('latin1') !== SQLITE_HEADER) throw new Error('file is not a database');
  if (size > WHOLE_CHECK_BYTES) return;
  const database = new DatabaseSync(file);
  try {
    const [first] = database.prepare('PRAGMA quick_check(1)').all();
    const result = Object.values(first ?? {})[0];
    if (result !== 'ok') throw new Error(String(result));
  } finally {
    database.close();
  }
}
