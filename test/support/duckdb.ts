/** DuckDB as a reader of the files that exports write: an implementation that isn't ours. */
import { DuckDBInstance } from '@duckdb/node-api';

/**
 * Rows of the last statement, as objects of JavaScript's own types: 64-bit integers are bigints, timestamps Dates. Each call has
 * an instance of its own, in memory, which is closed after it.
 */
export async function query(sql: string): Promise<Record<string, unknown>[]> {
  const instance = await DuckDBInstance.create(':memory:', { threads: '2' });
  try {
    const connection = await instance.connect();
    try {
      const reader = await connection.runAndReadAll(sql);
      return reader.getRowObjectsJS();
    } finally {
      connection.closeSync();
    }
  } finally {
    instance.closeSync();
  }
}
