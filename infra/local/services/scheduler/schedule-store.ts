/** When each schedule runs next, and the runs that are not delivered yet: one SQLite file. */
import { randomUUID } from 'node:crypto';
import { join } from 'node:path';
import * as z from 'zod';
import { atomically, openSqlite } from '../sqlite.ts';

const SCHEMA = `
CREATE TABLE IF NOT EXISTS schedules (
  arn TEXT PRIMARY KEY, settings TEXT NOT NULL, anchor INTEGER NOT NULL, next_at INTEGER) STRICT;
CREATE TABLE IF NOT EXISTS deliveries (
  id TEXT PRIMARY KEY, schedule TEXT NOT NULL, scheduled_at INTEGER NOT NULL, attempts INTEGER NOT NULL,
  due_at INTEGER NOT NULL) STRICT;
`;

const timing = z.object({ settings: z.string(), anchor: z.number(), next_at: z.number().nullable() });
export type Timing = z.output<typeof timing>;

const delivery = z.object({
  id: z.string(),
  schedule: z.string(),
  scheduled_at: z.number(),
  /** That failed. */
  attempts: z.number(),
  due_at: z.number(),
});
export type Delivery = z.output<typeof delivery>;

export interface ScheduleStore {
  timing(arn: string): Timing | undefined;
  keep(arn: string, timing: Timing): void;
  /** Forgets what is of no schedule in the template. */
  retain(arns: readonly string[]): void;
  /** A run: the next one is set and this one will be delivered, both or neither. */
  run(arn: string, scheduledAt: number, now: number, nextAt: number | null): void;
  due(now: number): Delivery[];
  postpone(id: string, dueAt: number): void;
  delivered(id: string): void;
  /** When there is something to do again. */
  nextAt(): number | undefined;
  close(): void;
}

export function openScheduleStore(dir: string): ScheduleStore {
  const db = openSqlite(join(dir, 'schedules.sqlite'), SCHEMA);
  return {
    timing(arn) {
      const row = db.prepare('SELECT * FROM schedules WHERE arn = ?').get(arn);
      return row && timing.parse(row);
    },
    keep(arn, { settings, anchor, next_at }) {
      db.prepare('INSERT OR REPLACE INTO schedules VALUES (?, ?, ?, ?)').run(arn, settings, anchor, next_at);
    },
    retain(arns) {
      const known = JSON.stringify(arns);
      db.prepare('DELETE FROM schedules WHERE arn NOT IN (SELECT value FROM json_each(?))').run(known);
      db.prepare('DELETE FROM deliveries WHERE schedule NOT IN (SELECT value FROM json_each(?))').run(known);
    },
    run(arn, scheduledAt, now, nextAt) {
      atomically(db, () => {
        db.prepare('INSERT INTO deliveries VALUES (?, ?, ?, 0, ?)').run(randomUUID(), arn, scheduledAt, now);
        db.prepare('UPDATE schedules SET next_at = ? WHERE arn = ?').run(nextAt, arn);
      });
    },
    due: (now) =>
      db
        .prepare('SELECT * FROM deliveries WHERE due_at <= ? ORDER BY due_at')
        .all(now)
        .map((row) => delivery.parse(row)),
    postpone(id, dueAt) {
      db.prepare('UPDATE deliveries SET attempts = attempts + 1, due_at = ? WHERE id = ?').run(dueAt, id);
    },
    delivered(id) {
      db.prepare('DELETE FROM deliveries WHERE id = ?').run(id);
    },
    nextAt() {
      const at = db
        .prepare('SELECT min(at) AS at FROM (SELECT next_at AS at FROM schedules UNION SELECT due_at FROM deliveries)')
        .get()?.at;
      return typeof at === 'number' ? at : undefined;
    },
    close: () => db.close(),
  };
}
