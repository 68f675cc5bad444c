/** Buckets at rest. The source is plain: ingest reads it, and it holds ids and a topic level. */
import { GetItemCommand, type TransactWriteItem } from '@aws-sdk/client-dynamodb';
import { marshall, unmarshall } from '@aws-sdk/util-dynamodb';
import * as z from 'zod';
import type { AccountSession } from '../platform/account-session.ts';
import { queryItems } from '../platform/dynamodb.ts';
import { type EntityOf, entityKind } from '../platform/entity.ts';
import { sourceField } from './bucket.ts';
import { BUCKET_PREFIX, bucketKey, bucketPartition, bucketVersionKey } from './bucket-keys.ts';

const instruction = z.object({ id: z.string(), source: sourceField, retentionDays: z.number().optional() });
/** What ingest and compaction need of a bucket. */
export type Instruction = z.output<typeof instruction>;

const versionRow = z.object({ n: z.number() });

const kind = entityKind('buckets', {
  plain: instruction,
  sealed: z.object({ name: z.string(), timeZone: z.string().optional() }),
});
export type StoredBucket = EntityOf<typeof kind>;

const bumpVersion = (session: AccountSession): TransactWriteItem => ({
  Update: {
    TableName: session.tables.entities,
    Key: marshall(bucketVersionKey(session.account)),
    UpdateExpression: 'ADD n :one',
    ExpressionAttributeValues: marshall({ ':one': 1 }),
  },
});

export const buckets = {
  ...kind,
  find: (session: AccountSession, id: string) => kind.get(session, bucketKey(session.account, id)),

  page: (session: AccountSession, options: { limit: number; after?: string | undefined }) =>
    kind.list(session, bucketPartition(session.account), { ...options, prefix: BUCKET_PREFIX }),

  add: async (session: AccountSession, bucket: StoredBucket): Promise<TransactWriteItem[]> => [
    await kind.put(session, bucket),
    bumpVersion(session),
  ],

  drop: (session: AccountSession, bucket: StoredBucket): TransactWriteItem[] => [
    kind.remove(session, bucket),
    bumpVersion(session),
  ],

  /** 0 for an account that never had a bucket. */
  async version({ account, db, tables }: Pick<AccountSession, 'account' | 'db' | 'tables'>): Promise<number> {
    const { Item } = await db.send(
      new GetItemCommand({
        TableName: tables.entities,
        Key: marshall(bucketVersionKey(account)),
        ConsistentRead: true,
      }),
    );
    return Item ? versionRow.parse(unmarshall(Item)).n : 0;
  },

  /** All instructions of an account; without opening what is sealed. */
  async instructions({
    account,
    db,
    tables,
  }: Pick<AccountSession, 'account' | 'db' | 'tables'>): Promise<Instruction[]> {
    const items = queryItems(db, {
      TableName: tables.entities,
      KeyConditionExpression: 'pk = :pk AND begins_with(sk, :prefix)',
      ExpressionAttributeValues: marshall({ ':pk': bucketPartition(account), ':prefix': BUCKET_PREFIX }),
    });
    return Array.fromAsync(items, (item) => instruction.parse(item));
  },
};
