/** Rung by the queue of what is due: products whose hours and days have closed. */
import { randomUUID } from 'node:crypto';
import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { KMSClient } from '@aws-sdk/client-kms';
import { S3Client } from '@aws-sdk/client-s3';
import { ulid } from 'ulid';
import { healKeysOf } from '../../shared/keyring/heal-keyring.ts';
import { systemSessions } from '../../shared/keyring/system-sessions.ts';
import { storesOf } from '../../shared/platform/account-session.ts';
import { compactorEnv, readEnv } from '../../shared/platform/env.ts';
import { sqsFunction } from '../../shared/platform/sqs-batch.ts';
import { compactDue } from '../../shared/readings/compaction/compact-due.ts';

const env = readEnv(compactorEnv);
const db = new DynamoDBClient({});
const now = Date.now;

export const handler = sqsFunction(
  compactDue({
    session: systemSessions({ db, kms: new KMSClient({}), s3: new S3Client({}), ...storesOf(env), now }),
    work: { db, table: env.WORK_TABLE },
    now,
    healKeys: healKeysOf,
    newBlockId: (at) => ulid(at),
    newOwner: randomUUID,
  }),
);
