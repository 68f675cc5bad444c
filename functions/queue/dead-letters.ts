/** Rung by the ingest queue's dead-letter queue. */
import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { KMSClient } from '@aws-sdk/client-kms';
import { S3Client } from '@aws-sdk/client-s3';
import { sealDeadLetters } from '../../shared/ingest/seal-dead-letters.ts';
import { systemSessions } from '../../shared/keyring/system-sessions.ts';
import { storesOf } from '../../shared/platform/account-session.ts';
import { deadLettersEnv, readEnv } from '../../shared/platform/env.ts';
import { sqsFunction } from '../../shared/platform/sqs-batch.ts';

const env = readEnv(deadLettersEnv);
const db = new DynamoDBClient({});
const now = Date.now;

export const handler = sqsFunction(
  sealDeadLetters({
    directory: { db, table: env.DIRECTORY_TABLE },
    session: systemSessions({ db, kms: new KMSClient({}), s3: new S3Client({}), ...storesOf(env), now }),
    now,
  }),
);
