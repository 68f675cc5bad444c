/**
 * The SDK's own clients over tables, keys, objects and a queue in memory: everything but the network is real, serialization and
 * signatures included.
 */
import { randomBytes } from 'node:crypto';
import { KMSClient } from '@aws-sdk/client-kms';
import { S3Client } from '@aws-sdk/client-s3';
import { SQSClient } from '@aws-sdk/client-sqs';
import * as z from 'zod';
import { memoryDynamoDb } from '../../support/dynamodb/memory-dynamodb.ts';
import { memoryObjects } from './memory-objects.ts';
import { memoryQueue } from './memory-queue.ts';
import { newTally, type Tally, tallyOf } from './tally.ts';

/** What the clients hand to their transport. */
interface WireRequest {
  readonly headers: Readonly<Record<string, string>>;
  readonly body: Uint8Array;
}

/** A view: the SDK warns when its own kind of bytes is taken for text. */
const readBody = ({ buffer, byteOffset, length }: Uint8Array): unknown =>
  JSON.parse(Buffer.from(buffer, byteOffset, length).toString());

/** Answers instead of the network. */
const transport = (answer: (action: string, input: unknown) => object) => ({
  async handle({ headers, body }: WireRequest) {
    const action = headers['x-amz-target']?.split('.')[1] ?? '';
    const text = JSON.stringify(answer(action, readBody(body)));
    return {
      response: { statusCode: 200, headers: { 'content-type': 'application/x-amz-json-1.0' }, body: Buffer.from(text) },
    };
  },
});

const wrapped = z.object({ CiphertextBlob: z.string() });

/** "Wrapped" keys are the keys themselves: what KMS does is not measured here, only how often it is asked. */
function keyOperations(tally: Pick<Tally, 'kmsRequests'>) {
  return (action: string, input: unknown): object => {
    tally.kmsRequests += 1;
    if (action === 'Decrypt') return { Plaintext: wrapped.parse(input).CiphertextBlob };
    if (action === 'ReEncrypt') return wrapped.parse(input);
    if (action !== 'GenerateDataKey') throw new Error(`The bench's KMS doesn't know ${action}.`);
    const key = randomBytes(32).toString('base64');
    return { Plaintext: key, CiphertextBlob: key };
  };
}

export function memoryCloud() {
  const tally = newTally();
  const database = memoryDynamoDb();
  const queue = memoryQueue(tally);
  const client = { region: 'eu-central-1', credentials: { accessKeyId: 'bench', secretAccessKey: 'bench' } };
  return {
    get tally(): Tally {
      return tallyOf(database.tally, tally);
    },
    items: database.items,
    remove: database.remove,
    ignorePuts: database.ignorePuts,
    db: database.client,
    s3: new S3Client({ ...client, requestHandler: memoryObjects(tally) }),
    kms: new KMSClient({ ...client, requestHandler: transport(keyOperations(tally)) }),
    sqs: new SQSClient({ ...client, requestHandler: transport(queue.act) }),
    /** Bodies of the messages that wait in the queue: they don't any more. */
    receive: queue.receive,
    /** Forgets what was counted, not what was written. */
    resetTally() {
      database.resetTally();
      Object.assign(tally, newTally());
    },
  };
}
export type MemoryCloud = ReturnType<typeof memoryCloud>;
