/**
 * Rows of the keyring: `key`, a wrapped key; or `destroyed` (epoch ms) and no key, which nothing replaces. Without the marker,
 * healing would take a destroyed key for a lost one.
 */
import { GetItemCommand, PutItemCommand } from '@aws-sdk/client-dynamodb';
import { marshall, unmarshall } from '@aws-sdk/util-dynamodb';
import * as z from 'zod';
import type { AccountSession } from '../platform/account-session.ts';
import { queryItems, tookPlace } from '../platform/dynamodb.ts';
import type { KeyPlace } from './keyring-keys.ts';

type Clients = Pick<AccountSession, 'db' | 'tables'>;
type RowKey = KeyPlace['row'];

export type KeyRow = { key: Uint8Array } | { destroyed: number };
const row: z.ZodType<KeyRow> = z.union([
  z.object({ key: z.instanceof(Uint8Array) }),
  z.object({ destroyed: z.number() }),
]);
const listed = z.intersection(row, z.object({ sk: z.string() }));

export async function readRow({ db, tables }: Clients, at: RowKey): Promise<KeyRow | undefined> {
  const { Item } = await db.send(
    new GetItemCommand({ TableName: tables.keyring, Key: marshall(at), ConsistentRead: true }),
  );
  return Item && row.parse(unmarshall(Item));
}

/** False, and nothing is written, where the condition doesn't hold. */
const put = ({ db, tables }: Clients, at: RowKey, value: KeyRow, condition: string, old?: Uint8Array) =>
  tookPlace(
    db.send(
      new PutItemCommand({
        TableName: tables.keyring,
        Item: marshall({ ...at, ...value }),
        ConditionExpression: condition,
        ...(old
          ? {
              ExpressionAttributeNames: { '#key': 'key' },
              ExpressionAttributeValues: marshall({ ':old': old }),
            }
          : {}),
      }),
    ),
  );

/** Where nothing stands yet. */
export const addRow = (clients: Clients, at: RowKey, key: Uint8Array): Promise<boolean> =>
  put(clients, at, { key }, 'attribute_not_exists(pk)');

/** In the place of exactly this wrapped key. */
export const replaceRow = (clients: Clients, at: RowKey, old: Uint8Array, key: Uint8Array): Promise<boolean> =>
  put(clients, at, { key }, '#key = :old', old);

/** In the place of whatever stands there, but for an older marker. */
export const markDestroyed = (clients: Clients, at: RowKey, now: number): Promise<boolean> =>
  put(clients, at, { destroyed: now }, 'attribute_not_exists(destroyed)');

/** All rows of a family, by sort key. */
export async function listRows({ db, tables }: Clients, pk: string): Promise<Map<string, KeyRow>> {
  const found = new Map<string, KeyRow>();
  const items = queryItems(db, {
    TableName: tables.keyring,
    KeyConditionExpression: 'pk = :pk',
    ExpressionAttributeValues: marshall({ ':pk': pk }),
  });
  for await (const item of items) {
    const { sk, ...value } = listed.parse(item);
    found.set(sk, value);
  }
  return found;
}
