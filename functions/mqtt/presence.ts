/** Rung, through a queue, by AWS IoT when a device connects or disconnects. */
import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { IoTDataPlaneClient } from '@aws-sdk/client-iot-data-plane';
import { recordPresence } from '../../shared/device/record-presence.ts';
import { presenceEnv, readEnv } from '../../shared/platform/env.ts';
import { sqsFunction } from '../../shared/platform/sqs-batch.ts';

const env = readEnv(presenceEnv);
const db = new DynamoDBClient({});

export const handler = sqsFunction(
  recordPresence({
    db,
    data: new IoTDataPlaneClient({}),
    entityTable: env.ENTITY_TABLE,
    directory: { db, table: env.DIRECTORY_TABLE },
  }),
);
