/**
 * Fresh blocks at rest: what one ingest batch kept of one account and product, packed, compressed and sealed, in one item or one for
 * each shard. Inside, devices have numbers; whoever reads or writes here sees their ids.
 */
import { DeleteItemCommand, PutItemCommand, QueryCommand } from '@aws-sdk/client-dynamodb';
import { marshall } from '@aws-sdk/util-dynamodb';
import { decodeTime, ulid } from 'ulid';
import * as z from 'zod';
import { devicesByNumber, numbersByDevice } from '../device/device-numbers.ts';
import type { AccountSession } from '../platform/account-session.ts';
import { queryItems, tookPlace } from '../platform/dynamodb.ts';
import { count, errorFields, log } from '../platform/log.ts';
import { type Place, SealError, seal, unseal } from '../platform/sealing.ts';
import { BlockError, type Group } from './codec/block.ts';
import { type NumberedFilter, type NumberedGroup, type Packed, packFresh, unpackFresh } from './fresh-block.ts';
import {
  afterHour,
  freshPartition,
  freshSortKey,
  hoursBetween,
  parseFreshSortKey,
  shardInHour,
  type Tier,
} from './fresh-block-keys.ts';
import { shardsOf } from './fresh-shards.ts';
import { halve } from './halve-groups.ts';

const STORE = 'fresh-blocks';
/** An item has at most 400 KB, of which keys, times and names take less than one. */
const MOST_SEALED_BYTES = 399 * 1024;
/** By then it was merged long ago: as long as the queue keeps what can't be stored. */
const TTL_SECONDS = 14 * 24 * 3600;

const item = z.object({
  pk: z.string(),
  sk: z.string(),
  s: z.instanceof(Uint8Array),
  v: z.number().default(0),
});

/** Which readings are wanted; `from` is inclusive, `to` exclusive, both epoch ms. */
export interface BlockFilter {
  readonly bucket?: string | undefined;
  readonly device?: string | undefined;
  readonly stream?: string | undefined;
  readonly from?: number | undefined;
  readonly to?: number | undefined;
}

/** Which blocks are looked at. */
export interface FreshRange {
  /** Default: fresh blocks. */
  readonly tier?: Tier | undefined;
  /** A ULID, exclusive. */
  readonly after?: string | undefined;
  /** A ULID, exclusive. */
  readonly before?: string | undefined;
  /** The place of a block, exclusive: for whoever goes on where a page ended. */
  readonly afterPlace?: string | undefined;
}

export interface FreshBlock {
  readonly tier: Tier;
  /** Blocks come in the order of their places: by the hour, then by shard, then by id. */
  readonly place: string;
  readonly shard: string;
  /** A ULID. */
  readonly id: string;
  /** How often it was replaced. */
  readonly version: number;
  /** Whether all of the block is here: no filter can have left anything out. */
  readonly whole: boolean;
  readonly groups: readonly Group[];
}

/**
 * A block is sealed with its product's key of the day that its id tells: that on which it was first written. The key is destroyed two
 * days after the day's end, once the day is closed.
 */
const dayKey = (product: string, id: string) => ({
  product,
  day: new Date(decodeTime(id)).toISOString().slice(0, 10),
});

const keyOf = (session: AccountSession, product: string, name: BlockName) => ({
  pk: freshPartition(session.account, product, name.tier),
  sk: freshSortKey(name),
});

async function toItem(session: AccountSession, product: string, name: BlockName, { bytes, n, lo, hi }: Packed) {
  const key = keyOf(session, product, name);
  const sealing = await session.keys.ensure(dayKey(product, name.id));
  const s = seal(sealing, { account: session.account, store: STORE, ...key }, bytes);
  return { ...key, n, lo, hi, s, ttl: Math.floor(decodeTime(name.id) / 1000) + TTL_SECONDS };
}
type BlockName = Pick<FreshBlock, 'tier' | 'shard' | 'id'>;

/** Writes one block. `id`: a ULID; blocks of an hour and shard are in its order. False, and nothing written, if no item can hold it. */
export async function putFreshBlock(
  session: AccountSession,
  product: string,
  { packed, ...name }: BlockName & { packed: Packed },
): Promise<boolean> {
  const written = await toItem(session, product, name, packed);
  if (written.s.length > MOST_SEALED_BYTES) return false;
  await session.db.send(new PutItemCommand({ TableName: session.tables.readings, Item: marshall(written) }));
  return true;
}

/**
 * Puts a block in the place of the one that was read, or removes that where no groups are left. False, and nothing is written,
 * where it doesn't stand any more as it was read. `groups` must be what is left of the whole block.
 */
export async function replaceFreshBlock(session: AccountSession, product: string, block: FreshBlock): Promise<boolean> {
  if (!block.whole) throw new Error('A block was read in part: to write it back would lose the rest.');
  const asRead = {
    ConditionExpression: block.version === 0 ? 'attribute_exists(pk) AND attribute_not_exists(v)' : 'v = :v',
    ...(block.version === 0 ? {} : { ExpressionAttributeValues: marshall({ ':v': block.version }) }),
  };
  const TableName = session.tables.readings;
  const groups = block.groups.filter(({ rows }) => rows.length > 0);
  if (groups.length === 0) {
    const Key = marshall(keyOf(session, product, block));
    return tookPlace(session.db.send(new DeleteItemCommand({ TableName, Key, ...asRead })));
  }
  const written = await toItem(session, product, block, packFresh(await numbered(session, product, groups)));
  const halves = written.s.length > MOST_SEALED_BYTES ? halve(groups) : undefined;
  if (halves) return replaceByHalves(session, product, block, halves);
  const Item = marshall({ ...written, v: block.version + 1 });
  return tookPlace(session.db.send(new PutItemCommand({ TableName, Item, ...asRead })));
}

/**
 * A group that is parted among buckets may take more bytes than it did. The second half gets a block of its own, of the same time,
 * before the first half takes the place of all: in between, what is in both reads as one.
 */
async function replaceByHalves(
  session: AccountSession,
  product: string,
  block: FreshBlock,
  [first, second]: readonly [Group[], Group[]],
): Promise<boolean> {
  const own = { tier: block.tier, shard: block.shard, id: ulid(decodeTime(block.id)) };
  const packed = packFresh(await numbered(session, product, second));
  if (!(await putFreshBlock(session, product, { ...own, packed }))) {
    throw new Error('Half of a block is larger than a block.');
  }
  return replaceFreshBlock(session, product, { ...block, groups: first });
}

/** Groups by the numbers of their devices. `known`: numbers that needn't be looked up. */
export async function numbered(
  session: AccountSession,
  product: string,
  groups: readonly Group[],
  known?: ReadonlyMap<string, number>,
) {
  const numbers =
    known ??
    (await numbersByDevice(
      session,
      product,
      groups.map(({ device }) => device),
    ));
  return groups.map(({ device, stream, buckets, rows }): NumberedGroup => {
    const number = numbers.get(device);
    if (number === undefined) throw new Error('Readings are of a device that never was.');
    return { number, stream, buckets, rows };
  });
}

/** The blocks that may hold wanted readings, with the groups that do, in the order of their places. */
export async function* readFreshBlocks(
  session: AccountSession,
  product: string,
  filter: BlockFilter & FreshRange,
): AsyncGenerator<FreshBlock> {
  const { device, stream, bucket, from, to, after, before, tier = 'FRESH', afterPlace = '' } = filter;
  if (after !== undefined && before !== undefined && after >= before) return;
  const number = device === undefined ? undefined : (await numbersByDevice(session, product, [device])).get(device);
  if (device !== undefined && number === undefined) return;
  const wanted = { number, stream, bucket, from, to };
  const open = opener(session, product, tier, wanted);
  const all = hoursBetween(after, before);
  const range = { ...all, first: afterPlace > all.first ? `${afterPlace}0` : all.first, from, to };
  const items =
    number === undefined
      ? itemsIn(session, product, tier, range)
      : ofDevice(session, product, { tier, number, ...range });
  for await (const found of items) {
    const { id } = parseFreshSortKey(found.sk);
    if ((after !== undefined && id <= after) || (before !== undefined && id >= before)) continue;
    const block = await open(found);
    if (block) yield block;
  }
}

interface ItemRange {
  /** Sort keys, both inclusive. */
  readonly first: string;
  readonly last: string;
  readonly from?: number | undefined;
  readonly to?: number | undefined;
}
type StoredItem = z.output<typeof item>;

async function* itemsIn(
  session: AccountSession,
  product: string,
  tier: Tier,
  range: ItemRange,
): AsyncGenerator<StoredItem> {
  const { first, last, from = 0, to = Number.MAX_SAFE_INTEGER } = range;
  const found = queryItems(session.db, {
    TableName: session.tables.readings,
    KeyConditionExpression: 'pk = :pk AND sk BETWEEN :first AND :last',
    FilterExpression: 'lo < :to AND hi >= :from',
    ExpressionAttributeValues: marshall({
      ':pk': freshPartition(session.account, product, tier),
      ':first': first,
      ':last': last,
      ':from': from,
      ':to': to,
    }),
  });
  for await (const raw of found) yield item.parse(raw);
}

/** Hour by hour, the device's shards at once. */
async function* ofDevice(
  session: AccountSession,
  product: string,
  { tier, number, ...range }: ItemRange & { tier: Tier; number: number },
): AsyncGenerator<StoredItem> {
  let { first } = range;
  for (;;) {
    const place = await firstPlace(session, product, tier, { ...range, first });
    if (place === undefined) return;
    const hour = place.slice(0, HOUR_LENGTH);
    const shards = shardsOf(number).map((shard) =>
      Array.fromAsync(itemsIn(session, product, tier, { ...range, ...shardInHour(hour, shard) })),
    );
    yield* (await Promise.all(shards)).flat();
    first = afterHour(hour);
  }
}
const HOUR_LENGTH = '2026-11-28T07'.length;

/** Opens blocks, with what is wanted of them; `undefined`: nothing is. */
function opener(session: AccountSession, product: string, tier: Tier, wanted: NumberedFilter) {
  const whole = Object.values(wanted).every((value) => value === undefined);
  return async ({ pk, sk, s, v: version }: StoredItem): Promise<FreshBlock | undefined> => {
    const { shard, id } = parseFreshSortKey(sk);
    const key = await session.keys.open(dayKey(product, id));
    const found = readable(key, { account: session.account, store: STORE, pk, sk }, s, wanted);
    if (found.length === 0) return undefined;
    const devices = await devicesByNumber(
      session,
      product,
      found.map(({ number }) => number),
    );
    const groups = found.map(({ number, ...group }) => ({ ...group, device: devices.get(number) as string }));
    return { tier, place: sk, shard, id, version, whole, groups };
  };
}

/**
 * Bytes that were damaged open for nobody, ever: a block of them holds nothing, or every answer about its product would fail, and
 * compaction with it. It is counted and logged each time, and stays where it is until it expires. What a newer release wrote is not
 * damaged: that fails, until a release that knows it is back.
 */
function readable(key: Uint8Array, place: Place, sealed: Uint8Array, wanted: NumberedFilter): NumberedGroup[] {
  try {
    return unpackFresh(unseal(key, place, sealed), wanted);
  } catch (error) {
    const isDamaged =
      error instanceof BlockError ? error.code === 'corrupt' : error instanceof SealError && error.isDamage;
    if (!isDamaged) throw error;
    log('error', 'A block of readings is damaged: its readings are left out.', {
      block: place.sk,
      ...errorFields(error),
    });
    count(decodeTime(parseFreshSortKey(place.sk).id), { BlocksDamaged: 1 });
    return [];
  }
}

async function firstPlace(
  session: AccountSession,
  product: string,
  tier: Tier,
  { first, last }: ItemRange,
): Promise<string | undefined> {
  if (first > last) return undefined;
  const { Items = [] } = await session.db.send(
    new QueryCommand({
      TableName: session.tables.readings,
      KeyConditionExpression: 'pk = :pk AND sk BETWEEN :first AND :last',
      ExpressionAttributeValues: marshall({
        ':pk': freshPartition(session.account, product, tier),
        ':first': first,
        ':last': last,
      }),
      ProjectionExpression: 'sk',
      ConsistentRead: true,
      Limit: 1,
    }),
  );
  return Items[0]?.sk?.S;
}

/** The id of a fresh block of the first hour that has one, from the hour of a ULID on; `undefined`: there is none. */
export async function firstFreshBlock(
  session: AccountSession,
  product: string,
  after: string,
): Promise<string | undefined> {
  const place = await firstPlace(session, product, 'FRESH', hoursBetween(after, undefined));
  return place === undefined ? undefined : parseFreshSortKey(place).id;
}
