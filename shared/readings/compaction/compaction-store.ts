/**
 * How far compaction of a product is, and who is at it. Behind the watermark every fresh block has been merged into blocks, so that
 * readers leave it out; the same for bundles. One worker at a time: the lease outlives the longest run of a function, and a worker
 * whose function has ended writes nothing more.
 *
 * Members of the item: `w` and `b` (watermarks of fresh blocks and bundles: ULIDs, behind which all is merged), `closed` (the last UTC day whose
 * day blocks and summaries are written), `open` (the first day since then that
 * something was merged of or sealed on), `owner` and `until` (the lease; epoch ms).
 */
import { ConditionalCheckFailedException, GetItemCommand, UpdateItemCommand } from '@aws-sdk/client-dynamodb';
import { marshall, unmarshall } from '@aws-sdk/util-dynamodb';
import * as z from 'zod';
import type { AccountSession } from '../../platform/account-session.ts';
import { compactionKey } from '../blocks/block-keys.ts';

const item = z.object({
  w: z.string().default(''),
  b: z.string().default(''),
  closed: z.string().default(''),
  open: z.string().default(''),
});

/** All empty for a product that was never compacted. */
export interface CompactionState {
  /** ULID: fresh blocks before it are merged. */
  readonly watermark: string;
  /** ULID: bundles before it are merged. */
  readonly bundled: string;
  /** `yyyy-mm-dd`: days up to this one are closed. */
  readonly closed: string;
  /** The first day since then of which something was merged, or on which a bundle was sealed; empty: none. */
  readonly open: string;
}

const toState = (raw: unknown): CompactionState => {
  const { w: watermark, b: bundled, closed, open } = item.parse(raw);
  return { watermark, bundled, closed, open };
};

export async function readCompaction(session: AccountSession, product: string): Promise<CompactionState> {
  const Key = marshall(compactionKey(session.account, product));
  const { Item } = await session.db.send(
    new GetItemCommand({ TableName: session.tables.readings, Key, ConsistentRead: true }),
  );
  return toState(Item ? unmarshall(Item) : {});
}

export interface Lease {
  readonly product: string;
  /** Names the worker; random. */
  readonly owner: string;
}

/** The state, or `undefined` while somebody else is at it. `now` and `until` in epoch ms. */
export async function takeLease(
  session: AccountSession,
  { product, owner }: Lease,
  { now, until }: { now: number; until: number },
): Promise<CompactionState | undefined> {
  try {
    const { Attributes } = await session.db.send(
      new UpdateItemCommand({
        TableName: session.tables.readings,
        Key: marshall(compactionKey(session.account, product)),
        UpdateExpression: 'SET #owner = :owner, #until = :until',
        ConditionExpression: 'attribute_not_exists(#owner) OR #owner = :owner OR #until < :now',
        ExpressionAttributeNames: { '#owner': 'owner', '#until': 'until' },
        ExpressionAttributeValues: marshall({ ':owner': owner, ':until': until, ':now': now }),
        ReturnValues: 'ALL_NEW',
      }),
    );
    return toState(Attributes ? unmarshall(Attributes) : {});
  } catch (error) {
    if (error instanceof ConditionalCheckFailedException) return undefined;
    throw error;
  }
}

/** The lease was lost: what this worker knows may be out of date. */
export class LeaseLost extends Error {
  constructor() {
    super('Another worker has taken over this product.');
    this.name = 'LeaseLost';
  }
}

/** Writes how far it is, and keeps the lease or, at the end, gives it back. Throws LeaseLost where it isn't held any more. */
export async function saveCompaction(
  session: AccountSession,
  { product, owner }: Lease,
  { watermark, bundled, closed, open }: CompactionState,
  { release }: { release: boolean },
): Promise<void> {
  try {
    await session.db.send(
      new UpdateItemCommand({
        TableName: session.tables.readings,
        Key: marshall(compactionKey(session.account, product)),
        UpdateExpression: `SET w = :w, b = :b, closed = :closed, #open = :open${release ? ' REMOVE #owner, #until' : ''}`,
        ConditionExpression: '#owner = :owner',
        ExpressionAttributeNames: { '#owner': 'owner', '#open': 'open', ...(release ? { '#until': 'until' } : {}) },
        ExpressionAttributeValues: marshall({
          ':w': watermark,
          ':b': bundled,
          ':closed': closed,
          ':open': open,
          ':owner': owner,
        }),
      }),
    );
  } catch (error) {
    throw error instanceof ConditionalCheckFailedException ? new LeaseLost() : error;
  }
}
