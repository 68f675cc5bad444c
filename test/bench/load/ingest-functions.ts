/** The two functions that the benches compare, each over a cloud of its own in memory. */
import { BatchWriteItemCommand, type DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { marshall } from '@aws-sdk/util-dynamodb';
import { ulid } from 'ulid';
import * as z from 'zod';
import { type IngestDeps, ingestBatch } from '../../../shared/ingest/ingest-batch.ts';
import { type BatchAnswer, sqsFunction } from '../../../shared/platform/sqs-batch.ts';
import { announcer, putDue, type WorkTable } from '../../../shared/work/due.ts';
import { type MemoryCloud, memoryCloud } from '../cloud/memory-cloud.ts';
import type { Batch } from './batches.ts';
import type { Fleet } from './fleet.ts';
import { openFleet } from './open-fleet.ts';

export const READINGS_TABLE = 'readings';

export interface MeasuredFunction {
  readonly cloud: MemoryCloud;
  /** Runs the function on one batch, as Lambda does: from the event's text. Throws if a message was not stored. */
  run(batch: Batch): Promise<void>;
}

/** What functions are put together from, over a cloud in memory. */
export const ingestDeps = (cloud: MemoryCloud, now: () => number): IngestDeps => ({
  db: cloud.db,
  kms: cloud.kms,
  s3: cloud.s3,
  tables: { entities: 'entities', readings: READINGS_TABLE, keyring: 'keyring', audit: 'audit' },
  masterKeyId: 'master',
  recoveryKeyId: 'recovery',
  keyringBucket: 'keyring',
  archiveBucket: '',
  directory: { db: cloud.db, table: 'directory' },
  now,
  announce: announcer((due, slot) => putDue(workTable(cloud), { kind: 'compaction', ...due }, slot)),
  newBlockId: (at) => ulid(at),
});

export const workTable = ({ db }: MemoryCloud): WorkTable => ({ db, table: 'work' });

/**
 * Ours, put together as functions/queue/ingest.ts does: a container for each poller, which all begin with empty caches. Their clock
 * stands at the batch that they are given.
 */
export async function custodiaIngest(...fleets: readonly Fleet[]): Promise<MeasuredFunction> {
  const cloud = memoryCloud();
  let now = 0;
  const newDeps = () => ingestDeps(cloud, () => now);
  for (const fleet of fleets) await openFleet(newDeps(), fleet);
  cloud.resetTally();
  const containers = new Map<number, ReturnType<typeof sqsFunction>>();
  return {
    cloud,
    async run({ at, poller, event }) {
      now = at;
      const handler = containers.get(poller) ?? sqsFunction(ingestBatch(newDeps()));
      containers.set(poller, handler);
      refuseFailures(await handler(JSON.parse(event)));
    },
  };
}

const record = z.object({ messageId: z.string(), body: z.string() });
const message = z.object({ topic: z.string(), receivedAt: z.number(), payload: z.string() });

/** The usual design, kept as cheap as it can be: no checks, no sealing, short names, 25 items a request. */
export function itemPerReading(): MeasuredFunction {
  const cloud = memoryCloud();
  const handler = sqsFunction(async (records) => {
    const items = z.array(record).parse(records).map(toItem);
    for (let i = 0; i < items.length; i += 25) await putItems(cloud.db, items.slice(i, i + 25));
    return { failed: [] };
  });
  return { cloud, run: async ({ event }) => refuseFailures(await handler(JSON.parse(event))) };
}

function toItem({ body }: z.output<typeof record>) {
  const { topic, receivedAt, payload } = message.parse(JSON.parse(body));
  const [, account, , device, stream] = topic.split('/');
  const value: unknown = JSON.parse(Buffer.from(payload, 'base64').toString());
  return marshall({ pk: `A#${account}#${device}#${stream}`, sk: new Date(receivedAt).toISOString(), value });
}

const putItems = (db: DynamoDBClient, items: readonly ReturnType<typeof toItem>[]) =>
  db.send(
    new BatchWriteItemCommand({
      RequestItems: { [READINGS_TABLE]: items.map((Item) => ({ PutRequest: { Item } })) },
    }),
  );

function refuseFailures({ batchItemFailures }: BatchAnswer): void {
  if (batchItemFailures.length > 0) throw new Error(`${batchItemFailures.length} messages were not stored.`);
}
