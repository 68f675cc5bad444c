/** The people of a pool, as stored. Creating, inviting and signing them in stand beside this file. */
import type { DatabaseSync } from 'node:sqlite';
import * as z from 'zod';
import type { Clock } from '../../../contract.ts';
import { noSuchUser } from '../errors.ts';
import type { Pool } from '../pool/pools.ts';
import { flagColumn, jsonColumn, optional } from '../store/rows.ts';

export type UserStatus = 'CONFIRMED' | 'FORCE_CHANGE_PASSWORD';

const userRow = z
  .object({
    pool: z.string(),
    username: z.string(),
    attributes: jsonColumn(z.record(z.string(), z.string())),
    enabled: flagColumn,
    status: z.enum(['CONFIRMED', 'FORCE_CHANGE_PASSWORD']),
    password_hash: optional(z.string()),
    password_expires_at: optional(z.number()),
    totp_secret: optional(z.string()),
    totp_step: optional(z.number()),
    created_at: z.number(),
    modified_at: z.number(),
  })
  .transform((row) => ({
    pool: row.pool,
    username: row.username,
    sub: row.attributes.sub ?? '',
    attributes: row.attributes,
    enabled: row.enabled,
    status: row.status,
    passwordHash: row.password_hash,
    passwordExpiresAt: row.password_expires_at,
    totpSecret: row.totp_secret,
    totpStep: row.totp_step,
    createdAt: row.created_at,
    modifiedAt: row.modified_at,
  }));
export type User = z.infer<typeof userRow>;

export interface TemporaryPassword {
  readonly hash: string;
  readonly expiresAt: number;
}

export type Users = ReturnType<typeof createUsers>;

/** Names are compared as the pool wants it: by letter, or whatever the case. */
export const foldName = (pool: Pool, name: string): string =>
  pool.settings.UsernameConfiguration.CaseSensitive ? name : name.toLowerCase();

export function createUsers(db: DatabaseSync, clock: Clock) {
  const byUsername = (pool: string, username: string): User | undefined => {
    const row = db.prepare('SELECT * FROM users WHERE pool = ? AND username = ?').get(pool, username);
    return row && userRow.parse(row);
  };
  /** By username, or by e-mail address where the pool signs people in with it. */
  const find = (pool: Pool, name: string): User | undefined => {
    const folded = foldName(pool, name);
    const row = pool.settings.UsernameAttributes.includes('email')
      ? db.prepare('SELECT * FROM users WHERE pool = ?1 AND (username = ?2 OR email = ?3)').get(pool.id, name, folded)
      : db.prepare('SELECT * FROM users WHERE pool = ? AND username = ?').get(pool.id, folded);
    return row && userRow.parse(row);
  };
  const get = (pool: Pool, name: string): User => {
    const user = find(pool, name);
    if (!user) throw noSuchUser();
    return user;
  };
  const touch = (pool: string, username: string, assignments: string, ...values: (string | number | null)[]): void => {
    db.prepare(`UPDATE users SET ${assignments}, modified_at = ? WHERE pool = ? AND username = ?`).run(
      ...values,
      clock.now(),
      pool,
      username,
    );
  };
  return {
    byUsername,
    find,
    get,
    list: (pool: string): User[] =>
      z.array(userRow).parse(db.prepare('SELECT * FROM users WHERE pool = ? ORDER BY created_at, username').all(pool)),

    insert(
      pool: Pool,
      username: string,
      attributes: Readonly<Record<string, string>>,
      temporary: TemporaryPassword,
    ): User {
      const email = attributes.email ? foldName(pool, attributes.email) : null;
      db.prepare(
        `INSERT INTO users (pool, username, email, attributes, enabled, status, password_hash, password_expires_at,
         created_at, modified_at) VALUES (?1, ?2, ?3, ?4, 1, 'FORCE_CHANGE_PASSWORD', ?5, ?6, ?7, ?7)`,
      ).run(pool.id, username, email, JSON.stringify(attributes), temporary.hash, temporary.expiresAt, clock.now());
      return get(pool, username);
    },
    remove(user: User): void {
      db.prepare('DELETE FROM users WHERE pool = ? AND username = ?').run(user.pool, user.username);
    },
    setAttributes(pool: Pool, user: User, attributes: Readonly<Record<string, string>>): void {
      const email = attributes.email ? foldName(pool, attributes.email) : null;
      touch(user.pool, user.username, 'attributes = ?, email = ?', JSON.stringify(attributes), email);
    },
    setEnabled(user: User, enabled: boolean): void {
      touch(user.pool, user.username, 'enabled = ?', enabled ? 1 : 0);
    },
    /** A temporary password has an end and must be changed at the first sign-in; a permanent one has none. */
    setPassword(user: User, passwordHash: string, expiresAt: number | undefined): void {
      const status: UserStatus = expiresAt === undefined ? 'CONFIRMED' : 'FORCE_CHANGE_PASSWORD';
      const assignments = 'password_hash = ?, password_expires_at = ?, status = ?';
      touch(user.pool, user.username, assignments, passwordHash, expiresAt ?? null, status);
    },
    setTotp(user: User, secret: string): void {
      touch(user.pool, user.username, 'totp_secret = ?', secret);
    },
    /** Uses up a time step, so that a one-time code serves once. False if that step, or a later one, was used before. */
    useTotpStep(user: User, step: number): boolean {
      const used = db
        .prepare(
          'UPDATE users SET totp_step = ?1 WHERE pool = ?2 AND username = ?3 AND (totp_step IS NULL OR totp_step < ?1)',
        )
        .run(step, user.pool, user.username);
      return used.changes === 1;
    },
  };
}
