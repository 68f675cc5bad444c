/** What stands behind tokens: authorization codes, refresh tokens, and sessions of the login page. Only digests are stored. */
import { randomUUID } from 'node:crypto';
import type { DatabaseSync } from 'node:sqlite';
import * as z from 'zod';
import type { Clock } from '../../../contract.ts';
import { digest, newBearer } from '../store/random.ts';
import { optional } from '../store/rows.ts';
import type { User } from '../user/users.ts';

const CODE_LIFE = 5 * 60_000;
const SESSION_LIFE = 60 * 60_000;

const codeRow = z.object({
  client: z.string(),
  username: z.string(),
  redirect_uri: z.string(),
  scope: z.string(),
  challenge: optional(z.string()),
  nonce: optional(z.string()),
  auth_time: z.number(),
  expires_at: z.number(),
});
export type Code = z.infer<typeof codeRow>;

const refreshRow = z.object({
  hash: z.string(),
  client: z.string(),
  pool: z.string(),
  username: z.string(),
  scope: z.string(),
  auth_time: z.number(),
  origin_jti: z.string(),
  expires_at: z.number(),
});
export type RefreshToken = z.infer<typeof refreshRow>;

const sessionRow = z.object({ username: z.string(), auth_time: z.number() });

export interface NewCode {
  readonly client: string;
  readonly user: User;
  readonly redirectUri: string;
  readonly scope: string;
  readonly challenge?: string | undefined;
  readonly nonce?: string | undefined;
  readonly authTime: number;
}

export type Grants = ReturnType<typeof createGrants>;

export function createGrants(db: DatabaseSync, clock: Clock) {
  const forget = (table: 'codes' | 'refresh_tokens' | 'sessions') =>
    db.prepare(`DELETE FROM ${table} WHERE expires_at <= ?`).run(clock.now());
  const insertRefresh = (token: Omit<RefreshToken, 'hash'>): string => {
    const value = newBearer();
    db.prepare(
      `INSERT INTO refresh_tokens (hash, client, pool, username, scope, auth_time, origin_jti, expires_at)
       VALUES (?, ?, ?, ?, ?, ?, ?, ?)`,
    ).run(
      digest(value),
      token.client,
      token.pool,
      token.username,
      token.scope,
      token.auth_time,
      token.origin_jti,
      token.expires_at,
    );
    return value;
  };
  return {
    issueCode(code: NewCode): string {
      forget('codes');
      const value = randomUUID();
      db.prepare(
        `INSERT INTO codes (hash, client, pool, username, redirect_uri, scope, challenge, nonce, auth_time, expires_at)
         VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`,
      ).run(
        digest(value),
        code.client,
        code.user.pool,
        code.user.username,
        code.redirectUri,
        code.scope,
        code.challenge ?? null,
        code.nonce ?? null,
        code.authTime,
        clock.now() + CODE_LIFE,
      );
      return value;
    },
    /** A code is used up by whoever presents it with its client's rights, fitting or not. */
    takeCode(value: string, client: string): Code | undefined {
      const row = db.prepare('DELETE FROM codes WHERE hash = ? AND client = ? RETURNING *').get(digest(value), client);
      const code = row && codeRow.parse(row);
      return code && code.expires_at > clock.now() ? code : undefined;
    },

    issueRefresh(token: Omit<RefreshToken, 'hash'>): string {
      forget('refresh_tokens');
      return insertRefresh(token);
    },
    refreshToken(value: string): RefreshToken | undefined {
      const row = db
        .prepare('SELECT * FROM refresh_tokens WHERE hash = ? AND expires_at > ?')
        .get(digest(value), clock.now());
      return row && refreshRow.parse(row);
    },
    /** The successor ends when its predecessor would have; the predecessor lives on for the grace only. */
    rotate(token: RefreshToken, graceSeconds: number): string {
      const end = Math.min(token.expires_at, clock.now() + graceSeconds * 1000);
      db.prepare('UPDATE refresh_tokens SET expires_at = ? WHERE hash = ?').run(end, token.hash);
      return insertRefresh(token);
    },
    /** Everything that came of one sign-in. */
    revokeOrigin(originJti: string): void {
      db.prepare('DELETE FROM refresh_tokens WHERE origin_jti = ?').run(originJti);
    },
    isLive: (originJti: string): boolean =>
      db.prepare('SELECT 1 FROM refresh_tokens WHERE origin_jti = ?').get(originJti) !== undefined,
    revokeUser({ pool, username }: User): void {
      db.prepare('DELETE FROM codes WHERE pool = ? AND username = ?').run(pool, username);
      db.prepare('DELETE FROM refresh_tokens WHERE pool = ? AND username = ?').run(pool, username);
    },

    startSession(user: User): string {
      forget('sessions');
      const value = newBearer();
      const now = clock.now();
      db.prepare('INSERT INTO sessions (hash, pool, username, auth_time, expires_at) VALUES (?, ?, ?, ?, ?)').run(
        digest(value),
        user.pool,
        user.username,
        now,
        now + SESSION_LIFE,
      );
      return value;
    },
    session(pool: string, value: string): { username: string; authTime: number } | undefined {
      const row = db
        .prepare('SELECT * FROM sessions WHERE hash = ? AND pool = ? AND expires_at > ?')
        .get(digest(value), pool, clock.now());
      if (!row) return undefined;
      const session = sessionRow.parse(row);
      return { username: session.username, authTime: session.auth_time };
    },
    endSession(value: string): void {
      db.prepare('DELETE FROM sessions WHERE hash = ?').run(digest(value));
    },
    endSessions({ pool, username }: User): void {
      db.prepare('DELETE FROM sessions WHERE pool = ? AND username = ?').run(pool, username);
    },
  };
}
