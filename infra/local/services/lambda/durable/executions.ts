/** The durable executions: what each runs, how far it is, and when it goes on. */
import type { DatabaseSync, SQLInputValue, StatementSync } from 'node:sqlite';
import * as z from 'zod';
import { type ErrorObject, errorObject, type Operation } from './operation.ts';

export const EXECUTIONS_SCHEMA = `
CREATE TABLE IF NOT EXISTS executions (
  arn TEXT PRIMARY KEY, name TEXT NOT NULL, function TEXT NOT NULL, version TEXT NOT NULL,
  status TEXT NOT NULL, input TEXT NOT NULL, result TEXT, error TEXT,
  started_at INTEGER NOT NULL, ended_at INTEGER, timeout_at INTEGER NOT NULL, forget_at INTEGER, retention INTEGER NOT NULL,
  resume_at INTEGER, -- when to invoke the function again; none while only a callback can bring it on
  failures INTEGER NOT NULL DEFAULT 0, -- invocations in a row that gave no answer
  token TEXT, -- of the invocation under way
  last_call TEXT, last_answer TEXT, -- so that a checkpoint whose answer was lost can be repeated
  bytes INTEGER NOT NULL DEFAULT 0) STRICT;
CREATE UNIQUE INDEX IF NOT EXISTS executions_by_name ON executions (function, name);
CREATE INDEX IF NOT EXISTS executions_by_status ON executions (status, started_at);
`;

const STATUSES = ['RUNNING', 'SUCCEEDED', 'FAILED', 'TIMED_OUT', 'STOPPED'] as const;
export type ExecutionStatus = (typeof STATUSES)[number];

const row = z.object({
  arn: z.string(),
  name: z.string(),
  /** Unqualified ARN. */
  function: z.string(),
  version: z.string(),
  status: z.enum(STATUSES),
  input: z.string(),
  result: z.string().nullable(),
  error: z
    .string()
    .nullable()
    .transform((json) => (json === null ? null : errorObject.parse(JSON.parse(json)))),
  started_at: z.number(),
  ended_at: z.number().nullable(),
  timeout_at: z.number(),
  retention: z.number(),
  resume_at: z.number().nullable(),
  failures: z.number(),
  token: z.string().nullable(),
  last_call: z.string().nullable(),
  last_answer: z.string().nullable(),
  bytes: z.number(),
});
export type Execution = z.output<typeof row>;

export interface Outcome {
  readonly status: Exclude<ExecutionStatus, 'RUNNING'>;
  readonly result?: string;
  readonly error?: ErrorObject;
}

export interface NewExecution {
  readonly arn: string;
  readonly name: string;
  readonly function: string;
  readonly version: string;
  readonly input: string;
  readonly now: number;
  readonly timeoutMs: number;
  readonly retentionMs: number;
}

/** What the SDK finds first in its state: the execution itself, with its input. */
export const asOperation = ({ arn, input, started_at }: Execution): Operation => ({
  id: arn.slice(arn.lastIndexOf('/') + 1),
  type: 'EXECUTION',
  status: 'STARTED',
  startedAt: started_at,
  input,
});

export class Executions {
  readonly #db: DatabaseSync;
  readonly #statements = new Map<string, StatementSync>();
  readonly #waiting = new Map<string, ((execution: Execution) => void)[]>();
  readonly #failed: (execution: Execution) => void;

  /** `failed` is told of every execution that ended otherwise than well while no caller waited for it. */
  constructor(db: DatabaseSync, failed: (execution: Execution) => void) {
    this.#db = db;
    this.#failed = failed;
  }

  add({ arn, name, version, input, now, ...rest }: NewExecution): void {
    this.#run(
      `INSERT INTO executions (arn, name, function, version, status, input, started_at, timeout_at, retention, resume_at)
       VALUES (?1, ?2, ?3, ?4, 'RUNNING', ?5, ?6, ?7, ?8, ?6)`,
      ...[arn, name, rest.function, version, input, now, now + rest.timeoutMs, rest.retentionMs],
    );
  }

  find(arn: string): Execution | undefined {
    return this.select('arn = ?', arn)[0];
  }

  /** `where`: of this folder's own making, never of a request. */
  select(where: string, ...values: SQLInputValue[]): Execution[] {
    return this.#statement(`SELECT * FROM executions WHERE ${where}`)
      .all(...values)
      .map((found) => row.parse(found));
  }

  /** An invocation begins. If the host ends before it does, the execution goes on at once at the next start. */
  open(arn: string, token: string, now: number): void {
    this.#run('UPDATE executions SET token = ?, resume_at = ? WHERE arn = ?', token, now, arn);
  }

  /** An invocation ended, and the execution did not. */
  suspend(arn: string, resumeAt: number | undefined, failures: number): void {
    const sql = 'UPDATE executions SET token = NULL, resume_at = ?, failures = ? WHERE arn = ?';
    this.#run(sql, resumeAt ?? null, failures, arn);
  }

  resume(arn: string, now: number): void {
    this.#run('UPDATE executions SET resume_at = ? WHERE arn = ?', now, arn);
  }

  checkpointed(arn: string, call: { token: string; id: string; answer: string; bytes: number }): void {
    const sql = 'UPDATE executions SET token = ?, last_call = ?, last_answer = ?, bytes = bytes + ? WHERE arn = ?';
    this.#run(sql, call.token, call.id, call.answer, call.bytes, arn);
  }

  /** The first end counts. Answers whether this was it. */
  finish(arn: string, { status, result, error }: Outcome, now: number): boolean {
    const ended = this.#run(
      `UPDATE executions SET status = ?, result = ?, error = ?, ended_at = ?, forget_at = ? + retention,
       token = NULL, resume_at = NULL, last_call = NULL, last_answer = NULL WHERE arn = ? AND status = 'RUNNING'`,
      ...[status, result ?? null, error ? JSON.stringify(error) : null, now, now, arn],
    );
    const execution = this.find(arn);
    const waiting = this.#waiting.get(arn) ?? [];
    if (ended && execution) {
      for (const tell of waiting) tell(execution);
      if (status !== 'SUCCEEDED' && waiting.length === 0) this.#failed(execution);
    }
    if (ended) this.#waiting.delete(arn);
    return ended > 0;
  }

  /** Waits for its end. */
  async finished(arn: string): Promise<Execution | undefined> {
    const execution = this.find(arn);
    if (execution?.status !== 'RUNNING') return execution;
    return new Promise((resolve) => this.#waiting.set(arn, [...(this.#waiting.get(arn) ?? []), resolve]));
  }

  /** When the next execution goes on or has had its time; `busy` ones go on by themselves. */
  nextAt(busy: ReadonlySet<string>): number | undefined {
    const running = this.#statement(`SELECT arn, resume_at, timeout_at FROM executions WHERE status = 'RUNNING'`).all();
    const times = running.flatMap(({ arn, resume_at, timeout_at }) => [
      Number(timeout_at),
      ...(resume_at === null || busy.has(String(arn)) ? [] : [Number(resume_at)]),
    ]);
    return times.length > 0 ? Math.min(...times) : undefined;
  }

  delete(arn: string): void {
    this.#run('DELETE FROM executions WHERE arn = ?', arn);
  }

  #run(sql: string, ...values: SQLInputValue[]): number {
    return Number(this.#statement(sql).run(...values).changes);
  }

  #statement(sql: string): StatementSync {
    const statement = this.#statements.get(sql) ?? this.#db.prepare(sql);
    this.#statements.set(sql, statement);
    return statement;
  }
}
