/** The SQLite file with queues and messages. Every change is one transaction, on disk before it is acknowledged. */
import { join } from 'node:path';
import type { SQLInputValue, StatementSync } from 'node:sqlite';
import type { PolicyDocument, ServiceContext } from '../../contract.ts';
import { atomically, openSqlite } from '../sqlite.ts';
import type { QueueAttributes } from './queue-attributes.ts';

const SCHEMA = `
  CREATE TABLE IF NOT EXISTS queues (
    name TEXT PRIMARY KEY, attributes TEXT NOT NULL, created_at INTEGER NOT NULL, modified_at INTEGER NOT NULL
  ) STRICT;
  CREATE TABLE IF NOT EXISTS messages (
    seq INTEGER PRIMARY KEY AUTOINCREMENT,
    id TEXT NOT NULL, queue TEXT NOT NULL, body TEXT NOT NULL, attributes TEXT NOT NULL, sender TEXT NOT NULL,
    sent_at INTEGER NOT NULL, visible_at INTEGER NOT NULL,
    receives INTEGER NOT NULL DEFAULT 0, first_received_at INTEGER,
    receipt TEXT, -- of the latest receive; none before the first
    dead_from TEXT -- the queue that gave the message up
  ) STRICT;
  CREATE INDEX IF NOT EXISTS messages_by_visibility ON messages (queue, visible_at, seq);
  CREATE INDEX IF NOT EXISTS messages_by_age ON messages (queue, sent_at);
  CREATE UNIQUE INDEX IF NOT EXISTS messages_by_receipt ON messages (receipt);
  CREATE TABLE IF NOT EXISTS move_tasks (
    handle TEXT PRIMARY KEY, source TEXT NOT NULL, destination TEXT, started_at INTEGER NOT NULL,
    moved INTEGER NOT NULL, found INTEGER NOT NULL
  ) STRICT;
`;

export interface Queue {
  readonly name: string;
  readonly attributes: QueueAttributes;
  readonly policy: PolicyDocument | undefined;
  readonly created_at: number;
  readonly modified_at: number;
}

export interface Message {
  readonly seq: number;
  readonly id: string;
  readonly queue: string;
  readonly body: string;
  readonly attributes: string;
  readonly sender: string;
  readonly sent_at: number;
  readonly visible_at: number;
  readonly receives: number;
  readonly first_received_at: number | null;
  readonly receipt: string | null;
  readonly dead_from: string | null;
}

export interface Store {
  rows<Row>(sql: string, ...values: SQLInputValue[]): Row[];
  /** Answers how many rows changed. */
  run(sql: string, ...values: SQLInputValue[]): number;
  transaction<T>(work: () => T): T;
  /** The same object until it is changed: pollers ask for it, and whoever evaluates policies reads each document once. */
  queue(name: string): Queue | undefined;
  queues(): Queue[];
  keepQueue(name: string, attributes: QueueAttributes, now: number): void;
  close(): void;
}

type QueueRow = Omit<Queue, 'attributes' | 'policy'> & { readonly attributes: string };
const asQueue = (row: QueueRow): Queue => {
  const attributes = JSON.parse(row.attributes) as QueueAttributes;
  return {
    ...row,
    attributes,
    policy: attributes.Policy ? (JSON.parse(attributes.Policy) as PolicyDocument) : undefined,
  };
};

export function openStore({ dir }: Pick<ServiceContext, 'dir'>): Store {
  const db = openSqlite(join(dir, 'sqs.db'), SCHEMA);
  const statements = new Map<string, StatementSync>();
  const known = new Map<string, Queue>();
  const prepared = (sql: string) => {
    const statement = statements.get(sql) ?? db.prepare(sql);
    statements.set(sql, statement);
    return statement;
  };
  const store: Store = {
    rows: <Row>(sql: string, ...values: SQLInputValue[]) => prepared(sql).all(...values) as Row[],
    run: (sql, ...values) => Number(prepared(sql).run(...values).changes),
    transaction: (work) => atomically(db, work),
    queue(name) {
      const queue =
        known.get(name) ?? store.rows<QueueRow>('SELECT * FROM queues WHERE name = ?', name).map(asQueue)[0];
      if (queue) known.set(name, queue);
      return queue;
    },
    queues: () => store.rows<QueueRow>('SELECT * FROM queues ORDER BY name').map(asQueue),
    keepQueue(name, attributes, now) {
      known.delete(name);
      store.run(
        `INSERT INTO queues (name, attributes, created_at, modified_at) VALUES (?1, ?2, ?3, ?3)
         ON CONFLICT (name) DO UPDATE SET attributes = ?2, modified_at = ?3 WHERE attributes <> ?2`,
        name,
        JSON.stringify(attributes),
        now,
      );
    },
    close: () => db.close(),
  };
  return store;
}
