/**
 * Lambda's own queue of asynchronous events, in one SQLite file: an event that was answered 202 survives `kill -9` and runs at the
 * next start, at least once. A failed event is tried again twice, after one and after two minutes of the host's clock.
 */
import { randomUUID } from 'node:crypto';
import { join } from 'node:path';
import type { DatabaseSync } from 'node:sqlite';
import { AwsError, type ServiceContext } from '../../../contract.ts';
import { openSqlite } from '../../sqlite.ts';
import type { Invoker } from './invoker.ts';

const SCHEMA = `
CREATE TABLE IF NOT EXISTS events (
  id TEXT PRIMARY KEY, function TEXT NOT NULL, event TEXT NOT NULL, client_context TEXT,
  accepted_at INTEGER NOT NULL, attempts INTEGER NOT NULL, due_at INTEGER NOT NULL);
CREATE INDEX IF NOT EXISTS events_by_due ON events (due_at);
`;
/** A moved clock is told to the queue; this is only for a clock that somebody moved without saying so. */
const LONGEST_WAIT_MS = 60_000;

export interface AsyncSettings {
  readonly maximumRetryAttempts: number;
  readonly maximumEventAgeMs: number;
}

interface EventRow {
  readonly id: string;
  readonly function: string;
  readonly event: string;
  readonly clientContext: string | null;
  readonly acceptedAt: number;
  readonly attempts: number;
}

export interface AsyncQueueOptions {
  /** Before the second and the third attempt. */
  readonly retryDelaysMs: readonly number[];
  settingsOf(functionArn: string): AsyncSettings;
  /** Takes the event of an invocation that is given up. */
  givenUp(functionArn: string, event: string): void;
}

export class AsyncQueue {
  readonly #ctx: ServiceContext;
  readonly #invoker: Invoker;
  readonly #options: AsyncQueueOptions;
  readonly #db: DatabaseSync;
  readonly #running = new Map<string, Promise<void>>();
  #timer: NodeJS.Timeout | undefined;
  #started = false;

  constructor(ctx: ServiceContext, invoker: Invoker, options: AsyncQueueOptions) {
    this.#ctx = ctx;
    this.#invoker = invoker;
    this.#options = options;
    this.#db = openSqlite(join(ctx.dir, 'asynchronous-events.sqlite'), SCHEMA);
  }

  /** Keeps the event; once it returns, the event will run. */
  put(functionArn: string, event: string, clientContext: string | undefined): string {
    const id = randomUUID();
    const now = this.#ctx.clock.now();
    this.#db
      .prepare('INSERT INTO events VALUES (?, ?, ?, ?, ?, 0, ?)')
      .run(id, functionArn, event, clientContext ?? null, now, now);
    this.wake();
    return id;
  }

  /** From now on events run. */
  start(): void {
    this.#started = true;
    this.wake();
  }

  /** Runs what is due, by the host's clock as it now stands. */
  wake(): void {
    if (!this.#started) return;
    clearTimeout(this.#timer);
    for (const row of this.#due()) {
      if (this.#running.has(row.id)) continue;
      const run = this.#attempt(row).finally(() => {
        this.#running.delete(row.id);
        this.#wakeAtNext();
      });
      this.#running.set(row.id, run);
    }
    this.#wakeAtNext();
  }

  #due(): EventRow[] {
    return this.#db
      .prepare('SELECT * FROM events WHERE due_at <= ? ORDER BY due_at')
      .all(this.#ctx.clock.now())
      .map((row) => ({
        id: String(row.id),
        function: String(row.function),
        event: String(row.event),
        clientContext: row.client_context === null ? null : String(row.client_context),
        acceptedAt: Number(row.accepted_at),
        attempts: Number(row.attempts),
      }));
  }

  async #attempt(row: EventRow): Promise<void> {
    let failed = false;
    let drop = false;
    try {
      const clientContext = row.clientContext ?? undefined;
      const invocation = { event: row.event, requestId: row.id, ...(clientContext ? { clientContext } : {}) };
      failed = 'error' in (await this.#invoker.run(row.function, invocation));
    } catch (error) {
      failed = true;
      // A function that the template no longer has won't come back by waiting.
      drop = error instanceof AwsError && error.code === 'ResourceNotFoundException';
    }
    if (!this.#started) return;
    if (!failed) this.#db.prepare('DELETE FROM events WHERE id = ?').run(row.id);
    else this.#postpone(row, drop);
  }

  #postpone(row: EventRow, drop: boolean) {
    const { maximumRetryAttempts, maximumEventAgeMs } = this.#options.settingsOf(row.function);
    const delays = this.#options.retryDelaysMs;
    const dueAt = this.#ctx.clock.now() + (delays[row.attempts] ?? delays.at(-1) ?? 0);
    if (drop || row.attempts >= maximumRetryAttempts || dueAt - row.acceptedAt > maximumEventAgeMs) {
      this.#db.prepare('DELETE FROM events WHERE id = ?').run(row.id);
      if (!drop) this.#options.givenUp(row.function, row.event);
      this.#ctx.log(`${row.function}: asynchronous event ${row.id} is given up after ${row.attempts + 1} attempts`);
    } else {
      this.#db.prepare('UPDATE events SET attempts = attempts + 1, due_at = ? WHERE id = ?').run(dueAt, row.id);
    }
  }

  #wakeAtNext() {
    if (!this.#started) return;
    clearTimeout(this.#timer);
    const placeholders = [...this.#running.keys()].map(() => '?').join();
    const next = this.#db
      .prepare(`SELECT min(due_at) AS at FROM events WHERE id NOT IN (${placeholders})`)
      .get(...this.#running.keys());
    if (typeof next?.at !== 'number') return;
    const wait = Math.min(Math.max(0, next.at - this.#ctx.clock.now()), LONGEST_WAIT_MS);
    this.#timer = setTimeout(() => this.wake(), wait).unref();
  }

  /** Events in flight stay in the file. */
  close(): void {
    this.#started = false;
    clearTimeout(this.#timer);
    this.#db.close();
  }
}
