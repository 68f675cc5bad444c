/** Fresh blocks at rest: what one ingest batch kept of one account and product, packed, compressed and sealed. */
import {
  ConditionalCheckFailedException,
  DeleteItemCommand,
  GetItemCommand,
  PutItemCommand,
  QueryCommand,
  TransactionCanceledException,
  TransactWriteItemsCommand,
} from '@aws-sdk/client-dynamodb';
import { marshall, unmarshall } from '@aws-sdk/util-dynamodb';
import * as z from 'zod';
import type { AccountSession } from '../platform/account-session.ts';
import type { Key } from '../platform/pointers.ts';
import { seal, unseal } from '../platform/sealing.ts';
import { decodeBlock, encodeBlock, type Group } from './codec/block.ts';
import { freshPartition } from './fresh-block-keys.ts';
import { halve } from './halve-groups.ts';

const STORE = 'fresh-blocks';
/** An item has at most 400 KB, of which keys, times and names take less than one. */
const MOST_SEALED_BYTES = 399 * 1024;
const item = z.object({ pk: z.string(), sk: z.string(), s: z.instanceof(Uint8Array) });
type StoredBlock = z.output<typeof item>;

/** Which readings are wanted; `from` is inclusive, `to` exclusive, both epoch ms. */
export interface BlockFilter {
  readonly bucket?: string | undefined;
  readonly device?: string | undefined;
  readonly stream?: string | undefined;
  readonly from?: number | undefined;
  readonly to?: number | undefined;
}

const placeOf = (session: AccountSession, key: Key) => ({ account: session.account, store: STORE, ...key });

/** A block as an item; `undefined` if no item can hold it. */
async function toItem(session: AccountSession, key: Key, groups: readonly Group[]) {
  let [n, lo, hi] = [0, Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY];
  for (const { rows } of groups) {
    n += rows.length;
    for (const { ts } of rows) {
      lo = Math.min(lo, ts);
      hi = Math.max(hi, ts);
    }
  }
  const s = seal(await session.key(), placeOf(session, key), encodeBlock(groups));
  return s.length > MOST_SEALED_BYTES ? undefined : { ...key, n, lo, hi, s };
}

/** Writes one block. `id` is a ULID: blocks are in order of arrival. False, and nothing is written, if no item can hold it. */
export async function putFreshBlock(
  session: AccountSession,
  block: { id: string; product: string; groups: readonly Group[] },
): Promise<boolean> {
  const key = { pk: freshPartition(session.account, block.product), sk: block.id };
  const made = await toItem(session, key, block.groups);
  if (!made) return false;
  await session.db.send(new PutItemCommand({ TableName: session.tables.readings, Item: marshall(made) }));
  return true;
}

/** The groups of a product's blocks that pass the filter, block by block in order of arrival. */
export async function* readFreshBlocks(
  session: AccountSession,
  product: string,
  filter: BlockFilter,
): AsyncGenerator<Group[]> {
  const key = await session.key();
  const { from = 0, to = Number.MAX_SAFE_INTEGER } = filter;
  let start: QueryCommand['input']['ExclusiveStartKey'];
  do {
    const page = await session.db.send(
      new QueryCommand({
        TableName: session.tables.readings,
        KeyConditionExpression: 'pk = :pk',
        FilterExpression: 'lo < :to AND hi >= :from',
        ExpressionAttributeValues: marshall({
          ':pk': freshPartition(session.account, product),
          ':from': from,
          ':to': to,
        }),
        ConsistentRead: true,
        ...(start ? { ExclusiveStartKey: start } : {}),
      }),
    );
    for (const raw of page.Items ?? []) {
      const { pk, sk, s } = item.parse(unmarshall(raw));
      yield decodeBlock(unseal(key, { account: session.account, store: STORE, pk, sk }, s), filter);
    }
    start = page.LastEvaluatedKey;
  } while (start);
}

/** Blocks of one page: what a step of a job does in seconds. */
const MOST_REWRITTEN = 500;

/**
 * Rewrites a page of a product's blocks that may hold readings in time. `change` answers what a block is to hold instead, nothing
 * (then it goes) or `undefined` (then it stays as it is). A block that somebody else changes meanwhile is looked at again. Answers
 * where the next page begins.
 */
export async function rewriteFreshBlocks(
  session: AccountSession,
  product: string,
  { from = Number.MIN_SAFE_INTEGER, to = Number.MAX_SAFE_INTEGER, after }: BlockFilter & { after?: string | undefined },
  change: (groups: readonly Group[]) => readonly Group[] | undefined,
): Promise<string | undefined> {
  const pk = freshPartition(session.account, product);
  const page = await session.db.send(
    new QueryCommand({
      TableName: session.tables.readings,
      KeyConditionExpression: 'pk = :pk',
      FilterExpression: 'lo < :to AND hi >= :from',
      ExpressionAttributeValues: marshall({ ':pk': pk, ':from': from, ':to': to }),
      ConsistentRead: true,
      Limit: MOST_REWRITTEN,
      ...(after === undefined ? {} : { ExclusiveStartKey: marshall({ pk, sk: after }) }),
    }),
  );
  for (const raw of page.Items ?? []) await rewriteFreshBlock(session, item.parse(unmarshall(raw)), change);
  return page.LastEvaluatedKey && item.pick({ sk: true }).parse(unmarshall(page.LastEvaluatedKey)).sk;
}

async function rewriteFreshBlock(
  session: AccountSession,
  found: StoredBlock,
  change: (groups: readonly Group[]) => readonly Group[] | undefined,
): Promise<void> {
  for (let block: StoredBlock | undefined = found; block; block = await findFreshBlock(session, block)) {
    const { pk, sk, s } = block;
    const groups = change(decodeBlock(unseal(await session.key(), placeOf(session, { pk, sk }), s)));
    if (!groups || (await replaceFreshBlock(session, block, groups))) return;
  }
}

async function findFreshBlock(session: AccountSession, { pk, sk }: Key): Promise<StoredBlock | undefined> {
  const { Item } = await session.db.send(
    new GetItemCommand({ TableName: session.tables.readings, Key: marshall({ pk, sk }), ConsistentRead: true }),
  );
  return Item && item.parse(unmarshall(Item));
}

/** False: the block is no longer there, or no longer what it was. */
async function replaceFreshBlock(
  session: AccountSession,
  { pk, sk, s }: StoredBlock,
  groups: readonly Group[],
): Promise<boolean> {
  const asFound = {
    TableName: session.tables.readings,
    ConditionExpression: 's = :s',
    ExpressionAttributeValues: marshall({ ':s': s }),
  };
  const count = groups.reduce((sum, { rows }) => sum + rows.length, 0);
  const made = count > 0 ? await toItem(session, { pk, sk }, groups) : undefined;
  try {
    if (made) await session.db.send(new PutItemCommand({ ...asFound, Item: marshall(made) }));
    else if (count === 0) await session.db.send(new DeleteItemCommand({ ...asFound, Key: marshall({ pk, sk }) }));
    else await splitFreshBlock();
    return true;
  } catch (error) {
    if (error instanceof ConditionalCheckFailedException || error instanceof TransactionCanceledException) return false;
    throw error;
  }

  /** With other groups it has outgrown its item: the second half becomes the next block in order. */
  async function splitFreshBlock() {
    const halves = halve(groups);
    const first = halves && (await toItem(session, { pk, sk }, halves[0]));
    const second = halves && (await toItem(session, { pk, sk: `${sk}+` }, halves[1]));
    if (!first || !second) throw new Error('Half a block is larger than the whole one.');
    const { TableName } = asFound;
    await session.db.send(
      new TransactWriteItemsCommand({
        TransactItems: [
          { Put: { ...asFound, Item: marshall(first) } },
          { Put: { TableName, Item: marshall(second), ConditionExpression: 'attribute_not_exists(pk)' } },
        ],
      }),
    );
  }
}
