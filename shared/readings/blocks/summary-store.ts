/**
 * Day summaries at rest: beside the blocks that they sum up, sealed with the same key. A day that has blocks and is closed has a
 * summary, if only one that says that it holds nothing because the day has too many fields.
 */
import { DeleteItemCommand, GetItemCommand, PutItemCommand } from '@aws-sdk/client-dynamodb';
import { marshall, unmarshall } from '@aws-sdk/util-dynamodb';
import * as z from 'zod';
import { blockKey } from '../../keyring/block-key.ts';
import { unlessDestroyed } from '../../keyring/keyring-errors.ts';
import type { AccountSession } from '../../platform/account-session.ts';
import { getItems, overVersion, queryItems, tookPlace } from '../../platform/dynamodb.ts';
import { seal, unseal } from '../../platform/sealing.ts';
import type { DaySummary } from '../aggregate/day-summary.ts';
import { decodeSummary, encodeSummary } from '../aggregate/summary-codec.ts';
import { type BlockOwner, summaryPartition } from './block-keys.ts';
import { setItemExpiry } from './set-expiry.ts';
import { startOf } from './spans.ts';

const STORE = 'summaries';
/** Larger ones save no reading; the day is read from its blocks. */
const MOST_BYTES = 200 * 1024;

const item = z.object({ pk: z.string(), sk: z.string(), v: z.number(), s: z.instanceof(Uint8Array).optional() });

export interface StoredSummary {
  readonly day: string;
  readonly device: string;
  /** `undefined`: the day is read from its readings. */
  readonly summary: DaySummary | undefined;
}

/** `undefined` of a device or bucket that was deleted: there is nothing to read any more. */
const open = (session: AccountSession, owner: BlockOwner, raw: Record<string, unknown>) =>
  unlessDestroyed(openSummary(session, owner, raw));

async function openSummary(
  session: AccountSession,
  owner: BlockOwner,
  raw: Record<string, unknown>,
): Promise<StoredSummary> {
  const { pk, sk: day, s } = item.parse(raw);
  const { device } = owner;
  if (!s) return { day, device, summary: undefined };
  const bytes = unseal(await blockKey(session, owner), { account: session.account, store: STORE, pk, sk: day }, s);
  return { day, device, summary: { device, day: startOf(day), streams: decodeSummary(bytes) } };
}

/** The version of what stands there; 0: nothing. */
export async function summaryVersion(session: AccountSession, owner: BlockOwner, day: string): Promise<number> {
  const Key = marshall({ pk: summaryPartition(session.account, owner), sk: day });
  const { Item } = await session.db.send(
    new GetItemCommand({ TableName: session.tables.readings, Key, ConsistentRead: true }),
  );
  return Item ? item.parse(unmarshall(Item)).v : 0;
}

/** False, and nothing is written, if another version than `over` stands there. */
export async function putSummary(
  session: AccountSession,
  owner: BlockOwner,
  { day, summary, over, ttl }: { day: string; summary: DaySummary | undefined; over: number; ttl: number | undefined },
): Promise<boolean> {
  const key = { pk: summaryPartition(session.account, owner), sk: day };
  const bytes = summary && encodeSummary(summary.streams);
  const place = { account: session.account, store: STORE, ...key };
  const s = bytes && bytes.length <= MOST_BYTES ? seal(await blockKey(session, owner), place, bytes) : undefined;
  return tookPlace(
    session.db.send(
      new PutItemCommand({
        TableName: session.tables.readings,
        Item: marshall({ ...key, v: over + 1, s, ttl }, { removeUndefinedValues: true }),
        ...overVersion(over),
      }),
    ),
  );
}

/** Of a day whose last block was removed. What a compaction writes meanwhile stands for what it has merged. */
export async function deleteSummary(session: AccountSession, owner: BlockOwner, day: string): Promise<void> {
  const Key = marshall({ pk: summaryPartition(session.account, owner), sk: day });
  await session.db.send(new DeleteItemCommand({ TableName: session.tables.readings, Key }));
}

export const setSummaryExpiry = (session: AccountSession, owner: BlockOwner, day: string, ttl: number | undefined) =>
  setItemExpiry(session, { pk: summaryPartition(session.account, owner), sk: day }, ttl);

/** Summaries of one owner by day, both ends inclusive. */
export async function* querySummaries(
  session: AccountSession,
  owner: BlockOwner,
  { from, to, order }: { from: string; to: string; order: 'asc' | 'desc' },
): AsyncGenerator<StoredSummary> {
  if (from > to) return;
  const found = queryItems(session.db, {
    TableName: session.tables.readings,
    KeyConditionExpression: 'pk = :pk AND sk BETWEEN :from AND :to',
    ExpressionAttributeValues: marshall({
      ':pk': summaryPartition(session.account, owner),
      ':from': from,
      ':to': to,
    }),
    ScanIndexForward: order === 'asc',
  });
  for await (const raw of found) {
    const summary = await open(session, owner, raw);
    if (summary) yield summary;
  }
}

/** Of one day, of many owners; what isn't there is absent. */
export async function getSummaries(
  session: AccountSession,
  owners: readonly BlockOwner[],
  day: string,
): Promise<StoredSummary[]> {
  const byPartition = new Map(owners.map((owner) => [summaryPartition(session.account, owner), owner]));
  const keys = [...byPartition.keys()].map((pk) => ({ pk, sk: day }));
  const items = (await getItems(session.db, session.tables.readings, keys)).map((raw) => unmarshall(raw));
  const found = await Promise.all(
    items.map((raw) => {
      const owner = byPartition.get(String(raw.pk));
      return owner && open(session, owner, raw);
    }),
  );
  return found.filter((summary) => summary !== undefined);
}
