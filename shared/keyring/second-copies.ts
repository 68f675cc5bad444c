/**
 * Second copies of wrapped keys: objects in a bucket without versions, encrypted under another KMS key than the table's. The
 * bucket refuses to replace an object, so that each is written once. What isn't there is found out by listing: to a session
 * that may list its own prefix alone, S3 says AccessDenied of a missing object.
 */
import {
  DeleteObjectCommand,
  GetObjectCommand,
  ListObjectsV2Command,
  NoSuchKey,
  PutObjectCommand,
  S3ServiceException,
} from '@aws-sdk/client-s3';
import type { AccountSession } from '../platform/account-session.ts';

type Clients = Pick<AccountSession, 's3' | 'keyringBucket'>;

/** Others may add and remove the same object in between; the SDK doesn't try again. */
const TRIES = 5;
const CONFLICT = 409;
const TAKEN = 412;

async function getCopy({ s3, keyringBucket }: Clients, name: string): Promise<Uint8Array> {
  const { Body } = await s3.send(new GetObjectCommand({ Bucket: keyringBucket, Key: name }));
  if (!Body) throw new Error('S3 answered an object without a body.');
  return Body.transformToByteArray();
}

/** Writes the copy where there is none; answers what stands there then: this one (the same bytes), or one that came first. */
export async function addCopy(clients: Clients, name: string, copy: Uint8Array): Promise<Uint8Array> {
  const { s3, keyringBucket: Bucket } = clients;
  for (let tries = 1; ; tries++) {
    try {
      await s3.send(new PutObjectCommand({ Bucket, Key: name, Body: copy, IfNoneMatch: '*' }));
      return copy;
    } catch (error) {
      const status = error instanceof S3ServiceException ? error.$metadata.httpStatusCode : undefined;
      if ((status !== CONFLICT && status !== TAKEN) || tries === TRIES) throw error;
      if (status === CONFLICT) continue;
    }
    try {
      return await getCopy(clients, name);
    } catch (error) {
      if (!(error instanceof NoSuchKey)) throw error;
    }
  }
}

/** The names that begin so. */
export async function listCopies({ s3, keyringBucket }: Clients, prefix: string): Promise<Set<string>> {
  const names = new Set<string>();
  let start: string | undefined;
  do {
    const page = await s3.send(
      new ListObjectsV2Command({ Bucket: keyringBucket, Prefix: prefix, ContinuationToken: start }),
    );
    for (const { Key } of page.Contents ?? []) if (Key !== undefined) names.add(Key);
    start = page.NextContinuationToken;
  } while (start);
  return names;
}

export async function hasCopy({ s3, keyringBucket }: Clients, name: string): Promise<boolean> {
  // The name itself comes before all that it is the beginning of.
  const { Contents = [] } = await s3.send(
    new ListObjectsV2Command({ Bucket: keyringBucket, Prefix: name, MaxKeys: 1 }),
  );
  return Contents[0]?.Key === name;
}

export const findCopy = async (clients: Clients, name: string): Promise<Uint8Array | undefined> =>
  (await hasCopy(clients, name)) ? getCopy(clients, name) : undefined;

/** Also where there is none. */
export async function removeCopy({ s3, keyringBucket }: Clients, name: string): Promise<void> {
  await s3.send(new DeleteObjectCommand({ Bucket: keyringBucket, Key: name }));
}
