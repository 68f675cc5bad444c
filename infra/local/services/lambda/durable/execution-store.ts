/** The SQLite file of durable executions. What it answered survives `kill -9`. */
import { join } from 'node:path';
import type { Clock, ServiceContext } from '../../../contract.ts';
import { atomically, openSqlite } from '../../sqlite.ts';
import { EXECUTIONS_SCHEMA, type Execution, Executions } from './executions.ts';
import { OPERATIONS_SCHEMA, Operations } from './operations.ts';

export interface ExecutionStore {
  readonly clock: Clock;
  readonly executions: Executions;
  readonly operations: Operations;
  /** All of it or nothing; `work` must not await. */
  atomically<T>(work: () => T): T;
  close(): void;
}

export function openExecutionStore(
  { dir, clock }: Pick<ServiceContext, 'dir' | 'clock'>,
  failed: (execution: Execution) => void,
): ExecutionStore {
  const db = openSqlite(join(dir, 'durable-executions.sqlite'), EXECUTIONS_SCHEMA + OPERATIONS_SCHEMA);
  return {
    clock,
    executions: new Executions(db, failed),
    operations: new Operations(db),
    atomically: (work) => atomically(db, work),
    close: () => db.close(),
  };
}
