/** Rung every minute by EventBridge Scheduler. */
import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { SQSClient } from '@aws-sdk/client-sqs';
import { readEnv, sweeperEnv } from '../../shared/platform/env.ts';
import { handOver } from '../../shared/work/hand-over.ts';
import { sweep } from '../../shared/work/sweep.ts';

const env = readEnv(sweeperEnv);

export const handler = sweep({
  work: { db: new DynamoDBClient({}), table: env.WORK_TABLE },
  hand: handOver(new SQSClient({}), env.COMPACTION_QUEUE),
  now: Date.now,
});
