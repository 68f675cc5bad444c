/** An account's store in memory with a clock, two buckets and some devices, for tests of compaction. */
import { randomBytes } from 'node:crypto';
import { UpdateItemCommand } from '@aws-sdk/client-dynamodb';
import { marshall } from '@aws-sdk/util-dynamodb';
import { ulid } from 'ulid';
import { bucketKey } from '../../../../shared/bucket/bucket-keys.ts';
import { buckets } from '../../../../shared/bucket/bucket-store.ts';
import { deviceKey } from '../../../../shared/device/device-keys.ts';
import { devices } from '../../../../shared/device/device-store.ts';
import type { AccountSession } from '../../../../shared/platform/account-session.ts';
import { writeTogether } from '../../../../shared/platform/entity.ts';
import { compactionKey } from '../../../../shared/readings/blocks/block-keys.ts';
import type { Group } from '../../../../shared/readings/codec/block.ts';
import { compactProduct } from '../../../../shared/readings/compaction/compact-product.ts';
import type { CompactionDeps } from '../../../../shared/readings/compaction/compaction-deps.ts';
import { keepReadings } from '../../../../shared/readings/keep-readings.ts';
import { memoryDynamoDb } from '../../../support/dynamodb/memory-dynamodb.ts';
import { memoryKeys } from '../../../support/memory-keys.ts';
import type { ModelReading } from '../../../support/readings-model.ts';
import { sessionWith } from '../../../support/session.ts';

export const deviceId = (n: number) => `dev_${String(n).padStart(26, '0')}`;
const id = (prefix: string) => `${prefix}_${ulid().toLowerCase()}`;

export async function openStore(start: number, { retentionDays }: { retentionDays?: number } = {}) {
  const database = memoryDynamoDb();
  const account = id('acc');
  const key = randomBytes(32);
  const clock = { now: start };
  const keys = memoryKeys();
  const session: AccountSession = sessionWith({
    account,
    db: database.client,
    tables: { entities: 'entities', readings: 'readings', keyring: 'keyring', audit: 'audit' },
    key: async () => key,
    keys,
  });
  let current = session;
  const product = id('prd');
  const bucketIds = [id('bkt'), id('bkt')];
  for (const [i, bucket] of bucketIds.entries()) {
    const plain = { id: bucket, source: { product }, ...(i === 0 && retentionDays ? { retentionDays } : {}) };
    const entity = buckets.make(bucketKey(account, bucket), 0, plain, { name: 'b' });
    await writeTogether(session, await buckets.add(session, entity));
  }
  const numbers = new Map(Array.from({ length: 20 }, (_, n) => [deviceId(n), n + 1]));
  for (const [device, number] of numbers) {
    const entity = devices.make(deviceKey(account, product, device), 0, { id: device, product, number }, { name: 'd' });
    await writeTogether(session, await devices.add(session, entity));
  }
  const dues: string[] = [];
  const healed: number[] = [];
  const deps: CompactionDeps = {
    session: () => current,
    now: () => clock.now,
    newBlockId: (at) => ulid(at),
    newOwner: () => randomBytes(8).toString('hex'),
    healKeys: async () => void healed.push(clock.now),
    dayClosed: async ({ day }) => void dues.push(`closed ${day}`),
    dayOpened: async ({ day }) => void dues.push(`opened ${day}`),
  };
  const compact = compactProduct(deps);
  return {
    database,
    get session() {
      return current;
    },
    /** Another process: what the one before has learnt is forgotten. */
    restart() {
      current = { ...session };
    },
    product,
    buckets: bucketIds,
    clock,
    keys,
    dues,
    healed,
    deps,
    /** One ingest batch; `age`: for how many ms its write has been under way. */
    async ingest(groups: readonly Group[], age = 0): Promise<ModelReading[]> {
      await keepReadings(current, { product, groups, numbers }, () => ulid(clock.now - age));
      return groups.flatMap(({ device, stream, buckets: of, rows }) =>
        of.flatMap((bucket) => rows.map(({ ts, value }) => ({ bucket, device, stream, ts, value }))),
      );
    },
    /** As if the time of a worker that died were over. */
    giveLeaseBack: () =>
      new UpdateItemCommand({
        TableName: 'readings',
        Key: marshall(compactionKey(account, product)),
        UpdateExpression: 'REMOVE #owner, #until',
        ExpressionAttributeNames: { '#owner': 'owner', '#until': 'until' },
      }),
    compact: (deadline = Number.POSITIVE_INFINITY) => compact({ account, product, deadline }),
  };
}
export type Store = Awaited<ReturnType<typeof openStore>>;
