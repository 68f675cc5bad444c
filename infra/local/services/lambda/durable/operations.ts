/** The operations of all executions, in the order in which they began. */
import type { DatabaseSync, SQLInputValue, StatementSync } from 'node:sqlite';
import { fire, isOpen, type Operation, readOperation } from './operation.ts';

export const OPERATIONS_SCHEMA = `
CREATE TABLE IF NOT EXISTS operations (
  execution TEXT NOT NULL, seq INTEGER NOT NULL, id TEXT NOT NULL, due_at INTEGER, callback TEXT, json TEXT NOT NULL,
  PRIMARY KEY (execution, id)) STRICT;
CREATE INDEX IF NOT EXISTS operations_by_due ON operations (execution, due_at);
CREATE UNIQUE INDEX IF NOT EXISTS operations_by_callback ON operations (callback) WHERE callback IS NOT NULL;
`;

/** More than one event carries comes in pages. */
const PAGE_ITEMS = 1000;
const PAGE_BYTES = 3_000_000;

export interface Page {
  readonly operations: readonly Operation[];
  readonly nextMarker?: string;
}

export class Operations {
  readonly #db: DatabaseSync;
  readonly #statements = new Map<string, StatementSync>();

  constructor(db: DatabaseSync) {
    this.#db = db;
  }

  get(execution: string, id: string): Operation | undefined {
    return this.#read('SELECT json FROM operations WHERE execution = ? AND id = ?', execution, id)[0];
  }

  byCallback(callbackId: string): { readonly execution: string; readonly operation: Operation } | undefined {
    const row = this.#statement('SELECT execution, json FROM operations WHERE callback = ?').get(callbackId);
    return row && { execution: String(row.execution), operation: readOperation(String(row.json)) };
  }

  put(execution: string, operation: Operation): void {
    const dueAt = isOpen(operation) ? (operation.dueAt ?? null) : null;
    // A step that is ready waits for the function, no longer for the time.
    const due = operation.status === 'READY' ? null : dueAt;
    this.#statement(
      `INSERT INTO operations VALUES (?1, (SELECT coalesce(max(seq), 0) + 1 FROM operations WHERE execution = ?1), ?2, ?3, ?4, ?5)
       ON CONFLICT (execution, id) DO UPDATE SET due_at = ?3, json = ?5`,
    ).run(execution, operation.id, due, operation.callbackId ?? null, JSON.stringify(operation));
  }

  count(execution: string): number {
    return Number(this.#statement('SELECT count(*) AS n FROM operations WHERE execution = ?').get(execution)?.n);
  }

  /** Does what time brings; answers the ids of the operations that changed. */
  fireDue(execution: string, now: number): string[] {
    const due = this.#read('SELECT json FROM operations WHERE execution = ? AND due_at <= ?', execution, now);
    for (const operation of due) this.put(execution, fire(operation, now));
    return due.map(({ id }) => id);
  }

  /** When time brings the next change, if it does. */
  nextDue(execution: string): number | undefined {
    const next = this.#statement('SELECT min(due_at) AS at FROM operations WHERE execution = ?').get(execution)?.at;
    return typeof next === 'number' ? next : undefined;
  }

  /** Whether anything may still come from outside: an open callback. */
  awaitsCallback(execution: string): boolean {
    return this.#read('SELECT json FROM operations WHERE execution = ? AND callback IS NOT NULL', execution).some(
      isOpen,
    );
  }

  /** What a replay needs: not the inside of contexts that have a result. */
  page(execution: string, marker = 0, items = PAGE_ITEMS): Page {
    const visible = withoutClosedContexts(
      this.#read('SELECT json FROM operations WHERE execution = ? ORDER BY seq', execution),
    );
    let bytes = 0;
    const rest = visible.slice(marker);
    const end = rest.findIndex((operation, index) => {
      bytes += JSON.stringify(operation).length;
      return index > 0 && (index >= items || bytes > PAGE_BYTES);
    });
    if (end < 0) return { operations: rest };
    return { operations: rest.slice(0, end), nextMarker: String(marker + end) };
  }

  delete(execution: string): void {
    this.#statement('DELETE FROM operations WHERE execution = ?').run(execution);
  }

  #read(sql: string, ...values: SQLInputValue[]): Operation[] {
    return this.#statement(sql)
      .all(...values)
      .map(({ json }) => readOperation(String(json)));
  }

  #statement(sql: string): StatementSync {
    const statement = this.#statements.get(sql) ?? this.#db.prepare(sql);
    this.#statements.set(sql, statement);
    return statement;
  }
}

function withoutClosedContexts(operations: readonly Operation[]): Operation[] {
  const hides = new Set<string>();
  return operations.filter((operation) => {
    const hidden = operation.parentId !== undefined && hides.has(operation.parentId);
    const closed = operation.type === 'CONTEXT' && !isOpen(operation) && !operation.replayChildren;
    if (hidden || closed) hides.add(operation.id);
    return !hidden;
  });
}
