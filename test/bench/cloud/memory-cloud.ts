/**
 * The SDK's own clients over tables and keys in memory: everything but the network is real, serialization and signatures included.
 */
import { randomBytes } from 'node:crypto';
import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { KMSClient } from '@aws-sdk/client-kms';
import { S3Client } from '@aws-sdk/client-s3';
import * as z from 'zod';
import { memoryObjects } from './memory-objects.ts';
import { memoryTables, readBody } from './memory-tables.ts';
import { newTally, type Tally } from './tally.ts';

/** What the clients hand to their transport. */
interface WireRequest {
  readonly headers: Readonly<Record<string, string>>;
  readonly body: Uint8Array;
}

/** Answers instead of the network. */
const transport = (answer: (action: string, body: Uint8Array) => object) => ({
  async handle({ headers, body }: WireRequest) {
    const action = headers['x-amz-target']?.split('.')[1] ?? '';
    const text = JSON.stringify(answer(action, body));
    return {
      response: { statusCode: 200, headers: { 'content-type': 'application/x-amz-json-1.0' }, body: Buffer.from(text) },
    };
  },
});

const wrapped = z.object({ CiphertextBlob: z.string() });

/** "Wrapped" keys are the keys themselves: what KMS does is not measured here, only how often it is asked. */
function keyOperations(tally: Tally) {
  return (action: string, body: Uint8Array): object => {
    tally.kmsRequests += 1;
    if (action === 'Decrypt') return { Plaintext: wrapped.parse(readBody(body)).CiphertextBlob };
    if (action === 'ReEncrypt') return wrapped.parse(readBody(body));
    if (action !== 'GenerateDataKey') throw new Error(`The bench's KMS doesn't know ${action}.`);
    const key = randomBytes(32).toString('base64');
    return { Plaintext: key, CiphertextBlob: key };
  };
}

export function memoryCloud() {
  const tally = newTally();
  const tables = memoryTables(tally);
  const client = { region: 'eu-central-1', credentials: { accessKeyId: 'bench', secretAccessKey: 'bench' } };
  return {
    tally,
    items: tables.items,
    remove: tables.remove,
    ignorePuts: tables.ignorePuts,
    db: new DynamoDBClient({ ...client, requestHandler: transport(tables.act) }),
    s3: new S3Client({ ...client, requestHandler: memoryObjects(tally) }),
    kms: new KMSClient({ ...client, requestHandler: transport(keyOperations(tally)) }),
    /** Forgets what was counted, not what was written. */
    resetTally: () => void Object.assign(tally, newTally()),
  };
}
export type MemoryCloud = ReturnType<typeof memoryCloud>;
