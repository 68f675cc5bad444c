/** S3 behind the real front door, with buckets as a template would make them and clients as functions have them. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { S3Client, type S3ClientConfig } from '@aws-sdk/client-s3';
import type { AwsService, PolicyDocument, Provisioned } from '../../../infra/local/contract.ts';
import { createKms, type Kms } from '../../../infra/local/services/kms/kms.ts';
import { openS3, type S3Service } from '../../../infra/local/services/s3/s3.ts';
import { allow, clientConfig, openDoor, place, type TestDoor } from '../front-door/door.ts';

export const everything = allow({ Action: ['s3:*', 'kms:*'], Resource: '*' });

export interface S3Door extends TestDoor {
  readonly s3: S3Service;
  readonly kms: Kms;
  readonly dir: string;
  /** Makes a resource of the type `AWS::S3::{type}`. */
  create(type: string, properties: Record<string, unknown>, logicalId?: string): Promise<Provisioned>;
  /** A client of a role with these policies; by default it may do everything. */
  client(name: string, policies?: readonly PolicyDocument[], config?: S3ClientConfig): S3Client;
  close(): Promise<void>;
}

/** `dir`: kept when closed; by default a new one, removed then. */
export async function openS3Door(dir?: string): Promise<S3Door> {
  const folder = dir ?? mkdtempSync(path.join(tmpdir(), 'custodia-s3-'));
  const made: { s3?: S3Service; kms?: Kms } = {};
  const test = await openDoor((authority, clock) => {
    const context = { ...place, dir: folder, clock, authority, log: () => {} };
    const kms = createKms(context);
    const s3 = openS3(context, { keyArn: (name) => kms.keys.find(name).key.arn });
    Object.assign(made, { s3, kms });
    return [s3.service, kms] satisfies AwsService[];
  });
  const { s3, kms } = made;
  if (!s3 || !kms) throw new Error('no services');
  const clients: S3Client[] = [];

  return {
    ...test,
    s3,
    kms,
    dir: folder,
    async create(type, properties, logicalId = type) {
      const provider = s3.providers.find((one) => one.type === `AWS::S3::${type}`);
      if (!provider) throw new Error(`no provider of ${type}`);
      return provider.create({ stack: 'Test-State', logicalId, type: provider.type, properties, metadata: {} });
    },
    client(name, policies = [everything], config = {}) {
      const client = new S3Client({ ...clientConfig(test, test.session(name, ...policies)), ...config });
      clients.push(client);
      return client;
    },
    async close() {
      for (const client of clients) client.destroy();
      await test.door.close();
      await s3.service.close();
      if (dir === undefined) rmSync(folder, { recursive: true, force: true });
    },
  };
}

export const bytesOf = async (answer: { Body?: { transformToByteArray(): Promise<Uint8Array> } }): Promise<Buffer> =>
  Buffer.from((await answer.Body?.transformToByteArray()) ?? []);

/** Bytes that differ from place to place, so that parts in a wrong order are seen. */
export function patterned(size: number, seed = 1): Buffer {
  const bytes = Buffer.alloc(size);
  for (let i = 0; i < size; i += 1) bytes[i] = (i * 31 + (i >> 8) * 7 + seed) & 0xff;
  return bytes;
}
