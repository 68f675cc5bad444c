/**
 * Presence: who is connected, and who must not be. AWS IoT tells of each connection's begin and end; the newest event of a device
 * stands. A device whose certificate was revoked or whose account is suspended is cut again each time it connects, until AWS's own
 * policy cache has turned over.
 */
import { type DynamoDBClient, UpdateItemCommand } from '@aws-sdk/client-dynamodb';
import {
  DeleteConnectionCommand,
  type IoTDataPlaneClient,
  ResourceNotFoundException,
} from '@aws-sdk/client-iot-data-plane';
import { marshall } from '@aws-sdk/util-dynamodb';
import * as z from 'zod';
import { type Directory, findAccount, findCertificate, findDevice } from '../directory/directory.ts';
import { tookPlace } from '../platform/dynamodb.ts';
import { errorFields, log } from '../platform/log.ts';
import { presenceKey } from './device-keys.ts';

const presenceEvent = z.object({
  clientId: z.string(),
  /** Epoch milliseconds. */
  timestamp: z.number(),
  eventType: z.enum(['connected', 'disconnected']),
  principalIdentifier: z.string(),
  /** Goes up with each connection of a client id; begins anew after about an hour without one. */
  versionNumber: z.number().int(),
});
type PresenceEvent = z.output<typeof presenceEvent>;

const NUMBERS_BEGIN_ANEW_MS = 3_600_000;

export interface PresenceDeps {
  readonly db: DynamoDBClient;
  readonly data: IoTDataPlaneClient;
  readonly entityTable: string;
  readonly directory: Directory;
}

/** Whether this connection is one that may be. */
async function mayConnect({ directory }: PresenceDeps, event: PresenceEvent, account: string): Promise<boolean> {
  const [certificate, state] = await Promise.all([
    findCertificate(directory, event.principalIdentifier),
    findAccount(directory, account),
  ]);
  return certificate?.device === event.clientId && state?.status === 'active';
}

async function cut({ data }: PresenceDeps, clientId: string): Promise<void> {
  try {
    await data.send(new DeleteConnectionCommand({ clientId }));
  } catch (error) {
    if (!(error instanceof ResourceNotFoundException)) throw error;
  }
}

/**
 * Writes the state unless a newer event was written before. What is newer is told by the connection's number: AWS's times are off
 * by up to two minutes, and a connection that was replaced may end after its successor began. Only a number that began anew is
 * told by its time.
 */
async function write(
  { db, entityTable }: PresenceDeps,
  event: PresenceEvent,
  owner: { account: string; product: string },
) {
  const { timestamp, eventType, clientId, versionNumber } = event;
  // Of the two events of one connection, its end is the newer.
  const order = versionNumber * 2 + (eventType === 'disconnected' ? 1 : 0);
  await tookPlace(
    db.send(
      new UpdateItemCommand({
        TableName: entityTable,
        Key: marshall(presenceKey(owner.account, owner.product, clientId)),
        UpdateExpression: 'SET connected = :connected, #at = :at, #order = :order',
        ConditionExpression: 'attribute_not_exists(pk) OR #order < :order OR #at < :long_before',
        ExpressionAttributeNames: { '#at': 'at', '#order': 'order' },
        ExpressionAttributeValues: marshall({
          ':connected': eventType === 'connected',
          ':at': timestamp,
          ':order': order,
          ':long_before': timestamp - NUMBERS_BEGIN_ANEW_MS / 2,
        }),
      }),
    ),
  );
}

export const recordPresence =
  (deps: PresenceDeps) =>
  async (deliveries: readonly { messageId: string; body: string }[]): Promise<{ failed: string[] }> => {
    const failed: string[] = [];
    for (const { messageId, body } of deliveries) {
      try {
        const event = presenceEvent.parse(JSON.parse(body));
        const owner = await findDevice(deps.directory, event.clientId);
        if (!owner) {
          await cut(deps, event.clientId);
          continue;
        }
        await write(deps, event, owner);
        if (event.eventType === 'connected' && !(await mayConnect(deps, event, owner.account)))
          await cut(deps, event.clientId);
      } catch (error) {
        log('error', 'A presence event failed; it comes again.', errorFields(error));
        failed.push(messageId);
      }
    }
    return { failed };
  };
