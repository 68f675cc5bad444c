/** The laptop's own DynamoDB with one table for every store: conditions, ranges and transactions are the real ones. */
import { randomBytes } from 'node:crypto';
import { type DynamoDBClient, ScanCommand } from '@aws-sdk/client-dynamodb';
import { unmarshall } from '@aws-sdk/util-dynamodb';
import type { AccountSession } from '../../shared/platform/account-session.ts';
import { temporaryFolder } from '../local/dynamodb/service-endpoint.ts';
import { startDynamoDb, TableName } from '../local/dynamodb/table.ts';
import { memoryKeys } from './memory-keys.ts';
import { sessionWith } from './session.ts';

export interface EmbeddedTable {
  readonly db: DynamoDBClient;
  readonly table: string;
  /** A new session, which remembers nothing. */
  session(account: string): AccountSession;
  items(): Promise<Record<string, unknown>[]>;
  close(): Promise<void>;
}

export async function openEmbeddedTable(): Promise<EmbeddedTable> {
  const folder = temporaryFolder();
  const { client: db, close } = await startDynamoDb(folder.dir);
  const key = randomBytes(32);
  const keys = memoryKeys();
  const tables = { entities: TableName, readings: TableName, keyring: TableName, audit: TableName };
  return {
    db,
    table: TableName,
    session: (account) => sessionWith({ account, db, tables, key: async () => key, keys }),
    async items() {
      const { Items = [] } = await db.send(new ScanCommand({ TableName, ConsistentRead: true }));
      return Items.map((item) => unmarshall(item));
    },
    async close() {
      await close();
      folder.remove();
    },
  };
}
