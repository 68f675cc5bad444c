/**
 * Blocks at rest: what one device sent to one bucket in an hour or a day, packed, compressed and sealed with a key that is destroyed
 * with the bucket or the device. Every write is conditional on the version that was read; whoever loses reads again.
 */
import { DeleteItemCommand, PutItemCommand, UpdateItemCommand } from '@aws-sdk/client-dynamodb';
import { marshall } from '@aws-sdk/util-dynamodb';
import * as z from 'zod';
import { blockKey } from '../../keyring/block-key.ts';
import type { AccountSession } from '../../platform/account-session.ts';
import { overVersion, queryItems, tookPlace } from '../../platform/dynamodb.ts';
import { seal, unseal } from '../../platform/sealing.ts';
import { Contention } from '../../platform/transact.ts';
import { type BlockOwner, blockPartition, pieceKey, pieceNumber } from './block-keys.ts';
import { planMerge } from './plan-merge.ts';
import { AFTER_PIECES } from './spans.ts';
import { type StreamRows, unpackRows } from './stream-rows.ts';

const STORE = 'blocks';
/** Bytes of a body: below an item's 400 KB with its keys, seal and times. */
export const MOST_BODY_BYTES = 380 * 1024;
const TRIES = 20;

const item = z.object({
  pk: z.string(),
  sk: z.string(),
  v: z.number(),
  p: z.number(),
  lo: z.number(),
  hi: z.number(),
  s: z.instanceof(Uint8Array),
  ttl: z.number().optional(),
});

export interface StoredBlock {
  readonly owner: BlockOwner;
  /** `{span}` or `{span}.{n}`. */
  readonly sk: string;
  readonly version: number;
  /** Of a span's first piece: how many more there are, or may be. */
  readonly pieces: number;
  /** First and last ts, epoch ms. */
  readonly lo: number;
  readonly hi: number;
  readonly sealed: Uint8Array;
  /** Epoch seconds; `undefined`: for ever. */
  readonly ttl: number | undefined;
}

/** An item of the table, as somebody else has read it. */
export function parseBlock(owner: BlockOwner, raw: Record<string, unknown>): StoredBlock {
  const { sk, v: version, p: pieces, lo, hi, s: sealed, ttl } = item.parse(raw);
  return { owner, sk, version, pieces, lo, hi, sealed, ttl };
}

/** Opens a block. */
export async function openBlock(session: AccountSession, block: StoredBlock): Promise<StreamRows[]> {
  const pk = blockPartition(session.account, block.owner);
  const place = { account: session.account, store: STORE, pk, sk: block.sk };
  return unpackRows(unseal(await blockKey(session, block.owner), place, block.sealed));
}

/** Blocks of one owner by sort key, page by page. `from` and `to` are inclusive sort keys. */
export async function* queryBlocks(
  session: AccountSession,
  owner: BlockOwner,
  range: { from: string; to: string; order?: 'asc' | 'desc'; pageSize?: number },
): AsyncGenerator<StoredBlock> {
  const found = queryItems(session.db, {
    TableName: session.tables.readings,
    KeyConditionExpression: 'pk = :pk AND sk BETWEEN :from AND :to',
    ExpressionAttributeValues: marshall({
      ':pk': blockPartition(session.account, owner),
      ':from': range.from,
      ':to': range.to,
    }),
    ScanIndexForward: range.order !== 'desc',
    ...(range.pageSize === undefined ? {} : { Limit: range.pageSize }),
  });
  for await (const raw of found) yield parseBlock(owner, raw);
}

/** All pieces of a span, in their order. */
export async function readSpan(session: AccountSession, owner: BlockOwner, span: string): Promise<StoredBlock[]> {
  const pieces = await Array.fromAsync(queryBlocks(session, owner, { from: span, to: span + AFTER_PIECES }));
  return pieces.sort((a, b) => pieceNumber(a.sk) - pieceNumber(b.sk));
}

interface BlockToWrite {
  readonly sk: string;
  /** Of what is replaced; 0: nothing stands there. */
  readonly over: number;
  readonly pieces: number;
  readonly streams: readonly StreamRows[];
  readonly body: Uint8Array;
  /** Epoch seconds; `undefined`: for ever. */
  readonly ttl: number | undefined;
}

/** False, and nothing is written, if another version stands there. */
export async function putBlock(session: AccountSession, owner: BlockOwner, block: BlockToWrite): Promise<boolean> {
  const key = { pk: blockPartition(session.account, owner), sk: block.sk };
  const s = seal(await blockKey(session, owner), { account: session.account, store: STORE, ...key }, block.body);
  const times = block.streams.flatMap(({ rows }) => [rows[0]?.ts ?? [], rows.at(-1)?.ts ?? []].flat());
  // A piece may be left without rows where a later one stands.
  const [lo, hi] = times.length > 0 ? [Math.min(...times), Math.max(...times)] : [0, 0];
  const { over, pieces: p, ttl } = block;
  return tookPlace(
    session.db.send(
      new PutItemCommand({
        TableName: session.tables.readings,
        Item: marshall({ ...key, v: over + 1, p, lo, hi, s, ttl }, { removeUndefinedValues: true }),
        ...overVersion(over),
      }),
    ),
  );
}

/** When it expires, in epoch seconds; `undefined`: never. False, and nothing changes, if another version stands there. */
export const setExpiry = (
  session: AccountSession,
  { owner, sk, version }: StoredBlock,
  ttl: number | undefined,
): Promise<boolean> =>
  tookPlace(
    session.db.send(
      new UpdateItemCommand({
        TableName: session.tables.readings,
        Key: marshall({ pk: blockPartition(session.account, owner), sk }),
        UpdateExpression: ttl === undefined ? 'SET v = :next REMOVE #ttl' : 'SET v = :next, #ttl = :ttl',
        ConditionExpression: 'v = :v',
        ExpressionAttributeNames: { '#ttl': 'ttl' },
        ExpressionAttributeValues: marshall(
          { ':v': version, ':next': version + 1, ':ttl': ttl },
          { removeUndefinedValues: true },
        ),
      }),
    ),
  );

/** False, and nothing is removed, if another version stands there. */
export const deleteBlock = (session: AccountSession, { owner, sk, version }: StoredBlock): Promise<boolean> =>
  tookPlace(
    session.db.send(
      new DeleteItemCommand({
        TableName: session.tables.readings,
        Key: marshall({ pk: blockPartition(session.account, owner), sk }),
        ...overVersion(version),
      }),
    ),
  );

/**
 * Sees to it that a span holds these rows, too. May be done twice, by two at once, and be ended at any point: what was written
 * stands, and the rest is written the next time. Answers how many rows were not there.
 */
export async function mergeIntoSpan(
  session: AccountSession,
  owner: BlockOwner,
  { span, rows, ttl }: { span: string; rows: readonly StreamRows[]; ttl: number | undefined },
): Promise<number> {
  for (let tries = 1; tries <= TRIES; tries++) {
    const stored = await readSpan(session, owner, span);
    const added = await tryMerge(session, owner, { span, stored, rows, ttl });
    if (added !== undefined) return added;
  }
  throw new Contention(new Error('A block was changed by others all the time.'));
}

/** `undefined`: somebody else was quicker. */
async function tryMerge(
  session: AccountSession,
  owner: BlockOwner,
  merge: { span: string; stored: readonly StoredBlock[]; rows: readonly StreamRows[]; ttl: number | undefined },
): Promise<number | undefined> {
  const { span, stored, rows, ttl } = merge;
  // A piece's number is its place among those that stand: none is removed while a later one stands.
  const pieces = await Promise.all(
    stored.map(async (block) => ({ streams: await openBlock(session, block), bytes: block.sealed.length })),
  );
  const { added, writes } = planMerge(pieces, rows, MOST_BODY_BYTES);
  const more = Math.max(stored.length, ...writes.map(({ n }) => n + 1)) - 1;
  const [first] = stored;
  // Who reads the first piece alone must learn of the others before they are there.
  if (first && first.pieces < more && writes[0]?.n !== 0 && !(await announce(session, first, more))) return undefined;
  for (const { n, body, streams } of writes) {
    const block = {
      sk: pieceKey(span, n),
      over: stored[n]?.version ?? 0,
      pieces: n === 0 ? Math.max(more, first?.pieces ?? 0) : 0,
    };
    if (!(await putBlock(session, owner, { ...block, streams, body, ttl }))) return undefined;
  }
  return added;
}

/** Says in a span's first piece how many more there will be. */
const announce = (session: AccountSession, { owner, sk, version }: StoredBlock, more: number): Promise<boolean> =>
  tookPlace(
    session.db.send(
      new UpdateItemCommand({
        TableName: session.tables.readings,
        Key: marshall({ pk: blockPartition(session.account, owner), sk }),
        UpdateExpression: 'SET p = :p, v = :next',
        ConditionExpression: 'v = :v',
        ExpressionAttributeValues: marshall({ ':p': more, ':v': version, ':next': version + 1 }),
      }),
    ),
  );
