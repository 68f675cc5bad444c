/**
 * Sign-ins under way. Each is a row with an unguessable id, bound to the browser's cookie, and ends with its code; a form
 * that another site makes a browser send finds none.
 */
import type { DatabaseSync } from 'node:sqlite';
import * as z from 'zod';
import type { Clock } from '../../../contract.ts';
import type { Client } from '../client/clients.ts';
import { digest, newBearer } from '../store/random.ts';
import { jsonColumn, optional } from '../store/rows.ts';

/** To read the page and find the password; the steps after it have the client's AuthSessionValidity. */
const PAGE_LIFE = 30 * 60_000;

const authorizationRequest = z.object({
  redirectUri: z.string(),
  scope: z.string(),
  state: z.string().optional(),
  nonce: z.string().optional(),
  challenge: z.string().optional(),
  hint: z.string().optional(),
});
export type AuthorizationRequest = z.infer<typeof authorizationRequest>;

const step = z.enum(['password', 'new-password', 'enrol-totp', 'totp']);
export type Step = z.infer<typeof step>;

const loginRow = z.object({
  id: z.string(),
  browser: z.string(),
  pool: z.string(),
  client: z.string(),
  request: jsonColumn(authorizationRequest),
  step,
  username: optional(z.string()),
  totp_secret: optional(z.string()),
  expires_at: z.number(),
});
export type Login = z.infer<typeof loginRow>;

export type Logins = ReturnType<typeof createLogins>;

export function createLogins(db: DatabaseSync, clock: Clock) {
  return {
    start(login: { browser: string; pool: string; client: Client; request: AuthorizationRequest }): string {
      db.prepare('DELETE FROM logins WHERE expires_at <= ?').run(clock.now());
      const id = newBearer();
      db.prepare(
        `INSERT INTO logins (id, browser, pool, client, request, step, expires_at) VALUES (?, ?, ?, ?, ?, 'password', ?)`,
      ).run(
        id,
        digest(login.browser),
        login.pool,
        login.client.id,
        JSON.stringify(login.request),
        clock.now() + PAGE_LIFE,
      );
      return id;
    },
    find(pool: string, id: string, browser: string): Login | undefined {
      const row = db
        .prepare('SELECT * FROM logins WHERE id = ? AND pool = ? AND browser = ? AND expires_at > ?')
        .get(id, pool, digest(browser), clock.now());
      return row && loginRow.parse(row);
    },
    advance(login: Login, next: { step: Step; username: string; totpSecret?: string; minutes: number }): void {
      db.prepare('UPDATE logins SET step = ?, username = ?, totp_secret = ?, expires_at = ? WHERE id = ?').run(
        next.step,
        next.username,
        next.totpSecret ?? null,
        clock.now() + next.minutes * 60_000,
        login.id,
      );
    },
    /** True for one caller only: a form sent twice doesn't sign in twice. */
    finish: (login: Login): boolean => db.prepare('DELETE FROM logins WHERE id = ?').run(login.id).changes === 1,
  };
}
