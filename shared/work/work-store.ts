/** The sweeper's side of the work table. */
import {
  BatchWriteItemCommand,
  type BatchWriteItemCommandOutput,
  GetItemCommand,
  PutItemCommand,
} from '@aws-sdk/client-dynamodb';
import { marshall, unmarshall } from '@aws-sdk/util-dynamodb';
import * as z from 'zod';
import { queryPages } from '../platform/dynamodb.ts';
import type { Due, WorkTable } from './due.ts';
import { DUE_SHARDS, type DueKind, duePartition, sweepKey } from './work-keys.ts';

/** What DynamoDB takes in one request. */
const MOST_WRITES = 25;

const row = z.object({
  pk: z.string(),
  sk: z.string(),
  account: z.string(),
  product: z.string(),
  day: z.string().optional(),
});

export interface DueRow {
  readonly key: { readonly pk: string; readonly sk: string };
  readonly due: Due;
}

/** What stands in a slot, page by page. */
export async function* dueIn({ db, table }: WorkTable, kind: DueKind, slot: string): AsyncGenerator<DueRow[]> {
  for (const shard of DUE_SHARDS) {
    const pages = queryPages(db, {
      TableName: table,
      KeyConditionExpression: 'pk = :pk',
      ExpressionAttributeValues: marshall({ ':pk': duePartition(kind, slot, shard) }),
    });
    for await (const items of pages) {
      const rows = items.map((item): DueRow => {
        const { pk, sk, account, product, day } = row.parse(unmarshall(item));
        return { key: { pk, sk }, due: { kind, account, product, ...(day === undefined ? {} : { day }) } };
      });
      if (rows.length > 0) yield rows;
    }
  }
}

export async function removeDue({ db, table }: WorkTable, rows: readonly DueRow[]): Promise<void> {
  let waiting = rows.map(({ key }) => ({ DeleteRequest: { Key: marshall(key) } }));
  while (waiting.length > 0) {
    const answer: BatchWriteItemCommandOutput = await db.send(
      new BatchWriteItemCommand({ RequestItems: { [table]: waiting.slice(0, MOST_WRITES) } }),
    );
    const left = answer.UnprocessedItems?.[table] ?? [];
    waiting = [
      ...left.flatMap(({ DeleteRequest }) =>
        DeleteRequest?.Key ? [{ DeleteRequest: { Key: DeleteRequest.Key } }] : [],
      ),
      ...waiting.slice(MOST_WRITES),
    ];
  }
}

const next = z.object({ slot: z.string() });

/** The first slot that may hold something; `undefined` before the first sweep. */
export async function firstSlot({ db, table }: WorkTable, kind: DueKind): Promise<string | undefined> {
  const { Item } = await db.send(
    new GetItemCommand({ TableName: table, Key: marshall(sweepKey(kind)), ConsistentRead: true }),
  );
  return Item && next.parse(unmarshall(Item)).slot;
}

export async function saveFirstSlot({ db, table }: WorkTable, kind: DueKind, slot: string): Promise<void> {
  await db.send(new PutItemCommand({ TableName: table, Item: marshall({ ...sweepKey(kind), slot }) }));
}
