/**
 * Objects of the archive bucket: each job's under a prefix of its own, within its account's. An object that isn't there is one that S3
 * denies: sessions may not list.
 */
import {
  DeleteObjectCommand,
  GetObjectCommand,
  HeadObjectCommand,
  PutObjectCommand,
  S3ServiceException,
} from '@aws-sdk/client-s3';
import type { AccountSession } from '../platform/account-session.ts';

export type ObjectClients = Pick<AccountSession, 'account' | 's3' | 'archiveBucket'>;

/** What a job keeps there, by the job's id. */
export const objectName = (account: string, of: 'exports' | 'imports', job: string, name: string): string =>
  `accounts/${account}/${of}/${job}/${name}`;

const isMissing = (error: unknown): boolean =>
  error instanceof S3ServiceException && [403, 404].includes(error.$metadata.httpStatusCode ?? 0);

export async function putObject({ s3, archiveBucket }: ObjectClients, name: string, body: Uint8Array | string) {
  await s3.send(new PutObjectCommand({ Bucket: archiveBucket, Key: name, Body: body }));
}

/** Bytes of an object as they come; of a range of it: `start` inclusive, `end` exclusive. */
export async function readObject(
  { s3, archiveBucket }: ObjectClients,
  name: string,
  range?: { start: number; end: number },
): Promise<AsyncIterable<Uint8Array>> {
  const { Body } = await s3.send(
    new GetObjectCommand({
      Bucket: archiveBucket,
      Key: name,
      ...(range ? { Range: `bytes=${range.start}-${range.end - 1}` } : {}),
    }),
  );
  if (!Body) throw new Error('S3 answered an object without a body.');
  return Body as unknown as AsyncIterable<Uint8Array>;
}

export const readWhole = async (clients: ObjectClients, name: string): Promise<Buffer> =>
  Buffer.concat(await Array.fromAsync(await readObject(clients, name)));

/** Its bytes; `undefined` where there is none. */
export async function objectSize({ s3, archiveBucket }: ObjectClients, name: string): Promise<number | undefined> {
  try {
    const { ContentLength } = await s3.send(new HeadObjectCommand({ Bucket: archiveBucket, Key: name }));
    return ContentLength;
  } catch (error) {
    if (isMissing(error)) return undefined;
    throw error;
  }
}

/** Also where there is none. */
export async function removeObject({ s3, archiveBucket }: ObjectClients, name: string): Promise<void> {
  await s3.send(new DeleteObjectCommand({ Bucket: archiveBucket, Key: name }));
}
