/**
 * Lockout as Cognito does it: after five failures a name is locked for one second, and twice as long after each further one,
 * up to 15 minutes; 15 minutes without an attempt forget it all. Unknown names lock too, or a lock would tell who exists.
 */
import type { DatabaseSync } from 'node:sqlite';
import * as z from 'zod';
import type { Clock } from '../../../contract.ts';

const FREE_FAILURES = 5;
const FORGET = 15 * 60_000;

const attemptRow = z.object({ failures: z.number(), locked_until: z.number() });

export type SignInAttempts = ReturnType<typeof createSignInAttempts>;

export function createSignInAttempts(db: DatabaseSync, clock: Clock) {
  return {
    /**
     * Admits one attempt, or refuses it while the name is locked. It counts as failed at once and until `succeeded`:
     * guesses sent together would otherwise all be checked before the first of them is counted.
     */
    admit(pool: string, name: string): boolean {
      const now = clock.now();
      db.prepare('DELETE FROM sign_in_attempts WHERE last_at <= ?').run(now - FORGET);
      const row = db.prepare('SELECT * FROM sign_in_attempts WHERE pool = ? AND name = ?').get(pool, name);
      const before = row ? attemptRow.parse(row) : { failures: 0, locked_until: 0 };
      if (before.locked_until > now) return false;
      const failures = before.failures + 1;
      const lock = failures < FREE_FAILURES ? 0 : Math.min(2 ** (failures - FREE_FAILURES) * 1000, FORGET);
      db.prepare(
        `INSERT INTO sign_in_attempts (pool, name, failures, locked_until, last_at) VALUES (?1, ?2, ?3, ?4, ?5)
         ON CONFLICT (pool, name) DO UPDATE SET failures = ?3, locked_until = ?4, last_at = ?5`,
      ).run(pool, name, failures, now + lock, now);
      return true;
    },
    succeeded(pool: string, name: string): void {
      db.prepare('DELETE FROM sign_in_attempts WHERE pool = ? AND name = ?').run(pool, name);
    },
  };
}
