/** Fresh blocks at rest: what one ingest batch kept of one account and product, packed, compressed and sealed. */
import { PutItemCommand, QueryCommand } from '@aws-sdk/client-dynamodb';
import { marshall, unmarshall } from '@aws-sdk/util-dynamodb';
import * as z from 'zod';
import type { AccountSession } from '../platform/account-session.ts';
import { seal, unseal } from '../platform/sealing.ts';
import { decodeBlock, encodeBlock, type Group } from './codec/block.ts';
import { pendingPartition, type Tier } from './fresh-block-keys.ts';

const STORE = 'fresh-blocks';
/** An item has at most 400 KB, of which keys, times and names take less than one. */
const MOST_SEALED_BYTES = 399 * 1024;
const item = z.object({ pk: z.string(), sk: z.string(), s: z.instanceof(Uint8Array) });

/** Which readings are wanted; `from` is inclusive, `to` exclusive, both epoch ms. */
export interface BlockFilter {
  readonly bucket?: string | undefined;
  readonly device?: string | undefined;
  readonly stream?: string | undefined;
  readonly from?: number | undefined;
  readonly to?: number | undefined;
}

export interface FreshBlock {
  /** ULID. */
  readonly id: string;
  readonly groups: readonly Group[];
}

/** Writes one block. `id` is a ULID: blocks are in order of arrival. False, and nothing is written, if no item can hold it. */
export async function putFreshBlock(
  session: AccountSession,
  block: { id: string; product: string; groups: readonly Group[]; tier?: Tier },
): Promise<boolean> {
  const key = { pk: pendingPartition(session.account, block.product, block.tier ?? 'FRESH'), sk: block.id };
  let [n, lo, hi] = [0, Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY];
  for (const { rows } of block.groups) {
    n += rows.length;
    for (const { ts } of rows) {
      lo = Math.min(lo, ts);
      hi = Math.max(hi, ts);
    }
  }
  const s = seal(await session.key(), { account: session.account, store: STORE, ...key }, encodeBlock(block.groups));
  if (s.length > MOST_SEALED_BYTES) return false;
  await session.db.send(
    new PutItemCommand({ TableName: session.tables.readings, Item: marshall({ ...key, n, lo, hi, s }) }),
  );
  return true;
}

/** The groups of a product's blocks that pass the filter, block by block in order of arrival. */
export async function* readFreshBlocks(
  session: AccountSession,
  product: string,
  filter: BlockFilter & { tier?: Tier; after?: string; before?: string },
): AsyncGenerator<FreshBlock> {
  const key = await session.key();
  const { from = 0, to = Number.MAX_SAFE_INTEGER } = filter;
  let start: QueryCommand['input']['ExclusiveStartKey'];
  do {
    const page = await session.db.send(
      new QueryCommand({
        TableName: session.tables.readings,
        KeyConditionExpression: 'pk = :pk AND sk BETWEEN :after AND :before',
        FilterExpression: 'lo < :to AND hi >= :from',
        ExpressionAttributeValues: marshall({
          ':pk': pendingPartition(session.account, product, filter.tier ?? 'FRESH'),
          ':after': filter.after || '0',
          ':before': filter.before ?? 'Z',
          ':from': from,
          ':to': to,
        }),
        ConsistentRead: true,
        ...(start ? { ExclusiveStartKey: start } : {}),
      }),
    );
    for (const raw of page.Items ?? []) {
      const { pk, sk, s } = item.parse(unmarshall(raw));
      yield { id: sk, groups: decodeBlock(unseal(key, { account: session.account, store: STORE, pk, sk }, s), filter) };
    }
    start = page.LastEvaluatedKey;
  } while (start);
}
