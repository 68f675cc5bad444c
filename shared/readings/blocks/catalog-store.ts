/** Catalogs at rest: ids alone, plain. One compaction at a time adds to them; nothing takes a bit away but the bucket's end. */
import { DeleteItemCommand, PutItemCommand } from '@aws-sdk/client-dynamodb';
import { marshall } from '@aws-sdk/util-dynamodb';
import * as z from 'zod';
import type { AccountSession } from '../../platform/account-session.ts';
import { overVersion, queryItems, tookPlace } from '../../platform/dynamodb.ts';
import { Contention } from '../../platform/transact.ts';
import { catalogPartition, pieceKey, pieceNumber } from './block-keys.ts';
import { type Catalog, MOST_CATALOG_BYTES, packCatalog, unpackCatalog } from './catalog.ts';
import { setItemExpiry } from './set-expiry.ts';
import { AFTER_PIECES } from './spans.ts';

const TRIES = 20;
/** Bytes of an entry, about: of an id's 26 random characters and a mask, deflated. */
const MOST_ENTRY_BYTES = 24;
const item = z.object({ sk: z.string(), v: z.number(), c: z.instanceof(Uint8Array) });

interface StoredCatalog {
  readonly sk: string;
  readonly version: number;
  readonly bytes: number;
  readonly entries: Map<string, number>;
}

/** Catalogs of a range of days, both inclusive, piece by piece; pieces of a day may hold the same device. */
async function* queryCatalogs(
  session: AccountSession,
  pk: string,
  { from, to, order = 'asc' }: { from: string; to: string; order?: 'asc' | 'desc' },
): AsyncGenerator<StoredCatalog> {
  const found = queryItems(session.db, {
    TableName: session.tables.readings,
    KeyConditionExpression: 'pk = :pk AND sk BETWEEN :from AND :to',
    ExpressionAttributeValues: marshall({ ':pk': pk, ':from': from, ':to': to + AFTER_PIECES }),
    ScanIndexForward: order === 'asc',
  });
  for await (const raw of found) {
    const { sk, v: version, c } = item.parse(raw);
    yield { sk, version, bytes: c.length, entries: unpackCatalog(c) };
  }
}

/** Day by day, which devices have blocks; days without any are left out. */
export async function* readCatalogs(
  session: AccountSession,
  of: { product: string; bucket: string },
  range: { from: string; to: string; order: 'asc' | 'desc' },
): AsyncGenerator<{ day: string; catalog: Catalog }> {
  let open: { day: string; catalog: Map<string, number> } | undefined;
  for await (const piece of queryCatalogs(session, catalogPartition(session.account, of.product, of.bucket), range)) {
    const day = piece.sk.slice(0, 10);
    if (open && open.day !== day) {
      yield open;
      open = undefined;
    }
    open ??= { day, catalog: new Map() };
    for (const [device, mask] of piece.entries) open.catalog.set(device, (open.catalog.get(device) ?? 0) | mask);
  }
  if (open) yield open;
}

/** Adds spans of devices to a day's catalog; nothing is written where all of them stand already. */
export async function addToCatalog(
  session: AccountSession,
  of: { product: string; bucket: string },
  { day, added, ttl }: { day: string; added: Catalog; ttl: number | undefined },
): Promise<void> {
  const pk = catalogPartition(session.account, of.product, of.bucket);
  for (let tries = 1; tries <= TRIES; tries++) {
    const found = await Array.fromAsync(queryCatalogs(session, pk, { from: day, to: day }));
    const pieces = found.sort((a, b) => pieceNumber(a.sk) - pieceNumber(b.sk));
    const changes = place(pieces, added, day);
    const written = await Promise.all(changes.map((change) => put(session, pk, change, ttl)));
    if (written.every(Boolean)) return;
  }
  throw new Contention(new Error('A catalog was changed by others all the time.'));
}

interface Change {
  readonly sk: string;
  readonly over: number;
  readonly entries: Catalog;
}

/** Which pieces change: a known device's own, else the last one, else a new one. */
function place(pieces: readonly StoredCatalog[], added: Catalog, day: string): Change[] {
  const changed = new Map<number, Map<string, number>>();
  const entriesOf = (n: number) => {
    const entries = changed.get(n) ?? new Map(pieces[n]?.entries);
    changed.set(n, entries);
    return entries;
  };
  const room = (n: number) => Math.floor((MOST_CATALOG_BYTES - (pieces[n]?.bytes ?? 0)) / MOST_ENTRY_BYTES);
  let open = Math.max(pieces.length - 1, 0);
  let left = room(open);
  for (const [device, mask] of added) {
    const at = pieces.findIndex(({ entries }) => entries.has(device));
    const known = pieces[at]?.entries.get(device) ?? 0;
    if (at >= 0 && (known | mask) === known) continue;
    if (at < 0 && left-- <= 0) {
      open += 1;
      left = room(open) - 1;
    }
    entriesOf(at >= 0 ? at : open).set(device, known | mask);
  }
  return [...changed].map(([n, entries]) => ({
    sk: pieces[n]?.sk ?? pieceKey(day, n),
    over: pieces[n]?.version ?? 0,
    entries,
  }));
}

const put = (session: AccountSession, pk: string, { sk, over, entries }: Change, ttl: number | undefined) =>
  tookPlace(
    session.db.send(
      new PutItemCommand({
        TableName: session.tables.readings,
        Item: marshall({ pk, sk, v: over + 1, c: packCatalog(entries), ttl }, { removeUndefinedValues: true }),
        ...overVersion(over),
      }),
    ),
  );

/** Of every day: when its catalog expires. */
export async function setCatalogExpiries(
  session: AccountSession,
  of: { product: string; bucket: string },
  ttlOf: (day: string) => number | undefined,
): Promise<void> {
  const pk = catalogPartition(session.account, of.product, of.bucket);
  for await (const { sk } of queryCatalogs(session, pk, { from: '0', to: '9' })) {
    await setItemExpiry(session, { pk, sk }, ttlOf(sk.slice(0, 10)));
  }
}

/** All of a bucket's, of one product. */
export async function deleteCatalogs(session: AccountSession, of: { product: string; bucket: string }): Promise<void> {
  const pk = catalogPartition(session.account, of.product, of.bucket);
  for await (const { sk } of queryCatalogs(session, pk, { from: '0', to: '9' })) {
    await session.db.send(new DeleteItemCommand({ TableName: session.tables.readings, Key: marshall({ pk, sk }) }));
  }
}
