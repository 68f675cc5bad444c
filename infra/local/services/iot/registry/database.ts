/**
 * The registry's one file. It holds no private keys.
 * Tables cascade: a deleted thing, group or certificate leaves no membership or attachment behind.
 */
import { join } from 'node:path';
import type { DatabaseSync } from 'node:sqlite';
import { openSqlite } from '../../sqlite.ts';

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

export const openDatabase = (dir: string): DatabaseSync => openSqlite(join(dir, 'registry.sqlite'), SCHEMA);
