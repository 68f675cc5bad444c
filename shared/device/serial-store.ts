/**
 * Devices by serial number. Rows are written with their device, so that to find one is one query. A *claim* is what a connector
 * puts before it makes a device: of several requests at once, one claims, and all make the device that the claim names.
 */
import { PutItemCommand, QueryCommand, type TransactWriteItem } from '@aws-sdk/client-dynamodb';
import { marshall, unmarshall } from '@aws-sdk/util-dynamodb';
import * as z from 'zod';
import type { AccountSession } from '../platform/account-session.ts';
import { type Key, tookPlace } from '../platform/dynamodb.ts';
import { serialClaimKey, serialKey, serialPartition } from './device-keys.ts';
import { serialHash } from './serial-number.ts';

const row = z.object({ sk: z.string(), device: z.string() });

/** Which device has a serial number, in which product. */
interface Numbered {
  readonly product: string;
  readonly device: string;
  readonly serialNumber: string | undefined;
}

const claimed = (session: AccountSession, key: Key, device: string) => ({
  TableName: session.tables.entities,
  Key: marshall(key),
  ConditionExpression: 'device = :device',
  ExpressionAttributeValues: marshall({ ':device': device }),
});

const hashOf = async (session: AccountSession, { product, serialNumber = '' }: Omit<Numbered, 'device'>) =>
  serialHash(await session.key(), product, serialNumber);

/** The claim, and of the devices the one that was made first. */
async function rowsOf(session: AccountSession, product: string, hash: string) {
  const { Items = [] } = await session.db.send(
    new QueryCommand({
      TableName: session.tables.entities,
      KeyConditionExpression: 'pk = :pk AND begins_with(sk, :hash)',
      ExpressionAttributeValues: marshall({ ':pk': serialPartition(session.account, product), ':hash': hash }),
      // The claim comes before all devices.
      Limit: 2,
      ConsistentRead: true,
    }),
  );
  const rows = Items.map((item) => row.parse(unmarshall(item)));
  return {
    claim: rows.find(({ sk }) => sk === hash)?.device,
    device: rows.find(({ sk }) => sk !== hash)?.device,
  };
}

export const serials = {
  find: async (session: AccountSession, of: { product: string; serialNumber: string }) =>
    rowsOf(session, of.product, await hashOf(session, of)),

  /** False, and nothing is written, where there is a claim. */
  async claim(session: AccountSession, of: Numbered): Promise<boolean> {
    const key = serialClaimKey(session.account, of.product, await hashOf(session, of));
    return tookPlace(
      session.db.send(
        new PutItemCommand({
          TableName: session.tables.entities,
          Item: marshall({ ...key, device: of.device }),
          ConditionExpression: 'attribute_not_exists(pk)',
        }),
      ),
    );
  },

  /** Fails the transaction where the claim is not this device's. */
  async requireClaim(session: AccountSession, of: Numbered): Promise<TransactWriteItem> {
    const key = serialClaimKey(session.account, of.product, await hashOf(session, of));
    return { ConditionCheck: claimed(session, key, of.device) };
  },

  /** With the device that is made; nothing where it has no serial number. */
  async put(session: AccountSession, of: Numbered): Promise<TransactWriteItem[]> {
    if (of.serialNumber === undefined) return [];
    const key = serialKey(session.account, of.product, await hashOf(session, of), of.device);
    return [{ Put: { TableName: session.tables.entities, Item: marshall({ ...key, device: of.device }) } }];
  },

  /** With the device that goes, or gets another serial number: its row, and the claim that it was made by. */
  async drop(session: AccountSession, of: Numbered): Promise<TransactWriteItem[]> {
    if (of.serialNumber === undefined) return [];
    const hash = await hashOf(session, of);
    const key = serialKey(session.account, of.product, hash, of.device);
    const { claim } = await rowsOf(session, of.product, hash);
    const claimKey = serialClaimKey(session.account, of.product, hash);
    return [
      { Delete: { TableName: session.tables.entities, Key: marshall(key) } },
      ...(claim === of.device ? [{ Delete: claimed(session, claimKey, of.device) }] : []),
    ];
  },
};
