/**
 * The user pools' one file. It holds client secrets and
 * password hashes, hence mode 0600. Tables cascade: a deleted user or client leaves no token, code or session behind.
 */
import { join } from 'node:path';
import type { DatabaseSync } from 'node:sqlite';
import { openSqlite } from '../../sqlite.ts';

const SCHEMA = `
CREATE TABLE IF NOT EXISTS pools (
  id TEXT PRIMARY KEY, resource TEXT NOT NULL UNIQUE, settings TEXT NOT NULL,
  created_at INTEGER NOT NULL, modified_at INTEGER NOT NULL);
CREATE TABLE IF NOT EXISTS domains (
  domain TEXT PRIMARY KEY, pool TEXT NOT NULL UNIQUE REFERENCES pools ON DELETE CASCADE, managed_login_version INTEGER NOT NULL);
CREATE TABLE IF NOT EXISTS resource_servers (
  pool TEXT NOT NULL REFERENCES pools ON DELETE CASCADE, identifier TEXT NOT NULL, scopes TEXT NOT NULL,
  PRIMARY KEY (pool, identifier));
CREATE TABLE IF NOT EXISTS brandings (
  resource TEXT PRIMARY KEY, id TEXT NOT NULL, pool TEXT NOT NULL REFERENCES pools ON DELETE CASCADE, client TEXT);
CREATE TABLE IF NOT EXISTS clients (
  id TEXT PRIMARY KEY, pool TEXT NOT NULL REFERENCES pools ON DELETE CASCADE, resource TEXT UNIQUE, settings TEXT NOT NULL,
  created_at INTEGER NOT NULL, modified_at INTEGER NOT NULL);
CREATE TABLE IF NOT EXISTS client_secrets (
  id TEXT PRIMARY KEY, client TEXT NOT NULL REFERENCES clients ON DELETE CASCADE, secret TEXT NOT NULL,
  created_at INTEGER NOT NULL);
CREATE TABLE IF NOT EXISTS users (
  pool TEXT NOT NULL REFERENCES pools ON DELETE CASCADE, username TEXT NOT NULL, email TEXT, attributes TEXT NOT NULL,
  enabled INTEGER NOT NULL, status TEXT NOT NULL, password_hash TEXT, password_expires_at INTEGER,
  totp_secret TEXT, totp_step INTEGER, created_at INTEGER NOT NULL, modified_at INTEGER NOT NULL,
  PRIMARY KEY (pool, username));
CREATE INDEX IF NOT EXISTS users_by_email ON users (pool, email);
CREATE TABLE IF NOT EXISTS template_users (
  resource TEXT PRIMARY KEY, pool TEXT NOT NULL REFERENCES pools ON DELETE CASCADE, name TEXT NOT NULL,
  username TEXT NOT NULL);
CREATE TABLE IF NOT EXISTS sign_in_attempts (
  pool TEXT NOT NULL, name TEXT NOT NULL, failures INTEGER NOT NULL, locked_until INTEGER NOT NULL,
  last_at INTEGER NOT NULL, PRIMARY KEY (pool, name));
CREATE TABLE IF NOT EXISTS logins (
  id TEXT PRIMARY KEY, browser TEXT NOT NULL, pool TEXT NOT NULL REFERENCES pools ON DELETE CASCADE,
  client TEXT NOT NULL REFERENCES clients ON DELETE CASCADE, request TEXT NOT NULL, step TEXT NOT NULL, username TEXT,
  totp_secret TEXT, expires_at INTEGER NOT NULL,
  FOREIGN KEY (pool, username) REFERENCES users (pool, username) ON DELETE CASCADE);
CREATE TABLE IF NOT EXISTS sessions (
  hash TEXT PRIMARY KEY, pool TEXT NOT NULL, username TEXT NOT NULL, auth_time INTEGER NOT NULL, expires_at INTEGER NOT NULL,
  FOREIGN KEY (pool, username) REFERENCES users (pool, username) ON DELETE CASCADE);
CREATE TABLE IF NOT EXISTS codes (
  hash TEXT PRIMARY KEY, client TEXT NOT NULL REFERENCES clients ON DELETE CASCADE, pool TEXT NOT NULL,
  username TEXT NOT NULL, redirect_uri TEXT NOT NULL, scope TEXT NOT NULL, challenge TEXT, nonce TEXT,
  auth_time INTEGER NOT NULL, expires_at INTEGER NOT NULL,
  FOREIGN KEY (pool, username) REFERENCES users (pool, username) ON DELETE CASCADE);
CREATE TABLE IF NOT EXISTS refresh_tokens (
  hash TEXT PRIMARY KEY, client TEXT NOT NULL REFERENCES clients ON DELETE CASCADE, pool TEXT NOT NULL,
  username TEXT NOT NULL, scope TEXT NOT NULL, auth_time INTEGER NOT NULL, origin_jti TEXT NOT NULL,
  expires_at INTEGER NOT NULL,
  FOREIGN KEY (pool, username) REFERENCES users (pool, username) ON DELETE CASCADE);
CREATE INDEX IF NOT EXISTS refresh_tokens_by_user ON refresh_tokens (pool, username);
CREATE INDEX IF NOT EXISTS refresh_tokens_by_origin ON refresh_tokens (origin_jti);
`;

export const openDatabase = (dir: string): DatabaseSync => openSqlite(join(dir, 'user-pools.sqlite'), SCHEMA);
