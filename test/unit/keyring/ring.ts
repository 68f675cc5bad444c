/** A keyring over the embedded DynamoDB, S3 and KMS: processes that share nothing but the stores, and may die after any call. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { DeleteItemCommand, GetItemCommand, PutItemCommand } from '@aws-sdk/client-dynamodb';
import { KMSClient } from '@aws-sdk/client-kms';
import {
  DeleteObjectCommand,
  GetObjectCommand,
  ListObjectsV2Command,
  PutObjectCommand,
  type S3Client,
} from '@aws-sdk/client-s3';
import { marshall, unmarshall } from '@aws-sdk/util-dynamodb';
import { kmsProviders } from '../../../infra/local/services/kms/kms-providers.ts';
import { createAccountKey } from '../../../shared/keyring/account-key.ts';
import { dataKeyPlace, type KeyPlace } from '../../../shared/keyring/keyring-keys.ts';
import { systemSessions } from '../../../shared/keyring/system-sessions.ts';
import type { AccountSession, DataKeyName } from '../../../shared/platform/account-session.ts';
import { newId } from '../../../shared/platform/ids.ts';
import { startDynamoDb, TableName } from '../../local/dynamodb/table.ts';
import { clientConfig, place } from '../../local/front-door/door.ts';
import { bytesOf, everything, openS3Door } from '../../local/s3/s3-door.ts';

type Stack = Pick<S3Client['middlewareStack'], 'add'>;

/** The process ended at this call, which took effect. */
export class Died extends Error {}

export async function openRing() {
  const dir = mkdtempSync(path.join(tmpdir(), 'custodia-ring-'));
  const door = await openS3Door();
  const dynamoDb = await startDynamoDb(dir);
  const db = dynamoDb.client;
  const s3 = door.client('Anybody');
  const kms = new KMSClient(clientConfig(door, door.session('Anybody', everything)));
  const bucket = await door.create('Bucket', {});

  async function makeMasterKey(logicalId: string): Promise<string> {
    const provider = kmsProviders(door.kms, place).find(({ type }) => type === 'AWS::KMS::Key');
    const made = await provider?.create({
      stack: 'Test',
      logicalId,
      type: 'AWS::KMS::Key',
      properties: {},
      metadata: {},
    });
    return String(made?.attributes.Arn);
  }
  const stores = {
    tables: { entities: '', readings: '', keyring: TableName, audit: '' },
    masterKeyId: await makeMasterKey('Master'),
    recoveryKeyId: await makeMasterKey('Recovery'),
    keyringBucket: bucket.ref,
    archiveBucket: '',
  };

  const calls = { count: 0, last: Number.POSITIVE_INFINITY };
  const meanwhile: { after: number; act?: (() => Promise<unknown>) | undefined } = { after: 0 };
  for (const stack of [db.middlewareStack, s3.middlewareStack, kms.middlewareStack] as Stack[]) {
    stack.add(
      (next) => async (args) => {
        if (calls.count >= calls.last) throw new Died();
        const answer = await next(args);
        calls.count += 1;
        if (calls.count >= calls.last) throw new Died();
        const { act } = meanwhile;
        if (act && calls.count === meanwhile.after) {
          meanwhile.act = undefined;
          await act();
        }
        return answer;
      },
      { step: 'initialize' },
    );
  }

  const ring = {
    door,
    db,
    s3,
    kms,
    stores,
    makeMasterKey,
    /** A process of its own, with nothing in its memory. */
    process: (changes: Partial<typeof stores> & { now?: () => number } = {}) =>
      systemSessions({ db, kms, s3, now: Date.now, ...stores, ...changes }),
    async openAccount(): Promise<AccountSession> {
      const session = ring.process()(newId('account'));
      await createAccountKey(session);
      return session;
    },
    /** The same account in another process. */
    again: ({ account }: AccountSession) => ring.process()(account),
    placeOf: ({ account }: AccountSession, name: DataKeyName) => dataKeyPlace(account, name),

    /** How many calls the work makes when nothing fails. */
    async callsOf(work: () => Promise<unknown>): Promise<number> {
      calls.count = 0;
      await work();
      return calls.count;
    },
    /** Lets the process die after so many calls; the next one lives. */
    async dyingAfter(last: number, work: () => Promise<unknown>): Promise<void> {
      Object.assign(calls, { count: 0, last });
      try {
        await work();
      } catch (error) {
        if (!(error instanceof Died)) throw error;
      } finally {
        Object.assign(calls, { count: 0, last: Number.POSITIVE_INFINITY });
      }
    },
    /** Lets something else happen after so many calls of the work. */
    between(after: number, work: () => Promise<unknown>, act: () => Promise<unknown>): Promise<unknown> {
      calls.count = 0;
      Object.assign(meanwhile, { after, act });
      return work();
    },

    async row({ row }: KeyPlace): Promise<Record<string, unknown> | undefined> {
      const { Item } = await db.send(new GetItemCommand({ TableName, Key: marshall(row), ConsistentRead: true }));
      return Item && unmarshall(Item);
    },
    putRow: ({ row }: KeyPlace, value: object) =>
      db.send(new PutItemCommand({ TableName, Item: marshall({ ...row, ...value }) })),
    loseRow: ({ row }: KeyPlace) => db.send(new DeleteItemCommand({ TableName, Key: marshall(row) })),
    async copy({ copy }: KeyPlace): Promise<Buffer | undefined> {
      const found = await s3.send(new ListObjectsV2Command({ Bucket: bucket.ref, Prefix: copy }));
      if (!found.Contents?.some(({ Key }) => Key === copy)) return undefined;
      return bytesOf(await s3.send(new GetObjectCommand({ Bucket: bucket.ref, Key: copy })));
    },
    putCopy: ({ copy }: KeyPlace, bytes: Uint8Array) =>
      s3.send(new PutObjectCommand({ Bucket: bucket.ref, Key: copy, Body: bytes })),
    loseCopy: ({ copy }: KeyPlace) => s3.send(new DeleteObjectCommand({ Bucket: bucket.ref, Key: copy })),

    async close() {
      kms.destroy();
      db.destroy();
      await dynamoDb.close();
      await door.close();
      rmSync(dir, { recursive: true, force: true });
    },
  };
  return ring;
}
export type Ring = Awaited<ReturnType<typeof openRing>>;

export const PRODUCT = 'prd_01jz8k3m5nq7r9t1v3w5x7y9z2';
let named = 0;
/** A name of each kind that nobody has used. */
export function freshNames(): [bucket: DataKeyName, device: DataKeyName, day: DataKeyName] {
  named += 1;
  const day = new Date(Date.UTC(2020, 0, named)).toISOString().slice(0, 10);
  return [{ bucket: newId('bucket') }, { product: PRODUCT, device: newId('device') }, { product: PRODUCT, day }];
}
export const freshBucket = (): DataKeyName => freshNames()[0];
