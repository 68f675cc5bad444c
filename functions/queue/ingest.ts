/** Rung by the ingest queue with up to a thousand messages of devices. */
import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { KMSClient } from '@aws-sdk/client-kms';
import { S3Client } from '@aws-sdk/client-s3';
import { ulid } from 'ulid';
import { ingestBatch } from '../../shared/ingest/ingest-batch.ts';
import { storesOf } from '../../shared/platform/account-session.ts';
import { ingestEnv, readEnv } from '../../shared/platform/env.ts';
import { sqsFunction } from '../../shared/platform/sqs-batch.ts';
import { announcer, putDue } from '../../shared/work/due.ts';

const env = readEnv(ingestEnv);
const db = new DynamoDBClient({});

export const handler = sqsFunction(
  ingestBatch({
    db,
    kms: new KMSClient({}),
    s3: new S3Client({}),
    ...storesOf(env),
    directory: { db, table: env.DIRECTORY_TABLE },
    now: Date.now,
    announce: announcer((due, slot) => putDue({ db, table: env.WORK_TABLE }, { kind: 'compaction', ...due }, slot)),
    newBlockId: (at) => ulid(at),
  }),
);
