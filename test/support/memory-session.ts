/** A session of an account over the laptop's DynamoDB, one table for all stores: for tests of stores and of what writes several at once. */
import { randomBytes } from 'node:crypto';
import type { KMSClient } from '@aws-sdk/client-kms';
import type { AccountSession } from '../../shared/platform/account-session.ts';
import { temporaryFolder } from '../local/dynamodb/service-endpoint.ts';
import { startDynamoDb, TableName, tableResource } from '../local/dynamodb/table.ts';

export interface TableHouse {
  sessionOf(account: string): AccountSession;
  close(): Promise<void>;
}

export async function openTableHouse(): Promise<TableHouse> {
  const folder = temporaryFolder();
  const { client, close, service } = await startDynamoDb(folder.dir, tableResource());
  const keys = new Map<string, Uint8Array>();
  return {
    sessionOf(account) {
      const key = keys.get(account) ?? randomBytes(32);
      keys.set(account, key);
      return {
        account,
        db: client,
        kms: {} as KMSClient,
        masterKeyId: '',
        tables: { entities: TableName, readings: TableName, keyring: TableName, audit: TableName },
        key: async () => key,
      };
    },
    async close() {
      client.destroy();
      await close();
      await service.close?.();
      folder.remove();
    },
  };
}
