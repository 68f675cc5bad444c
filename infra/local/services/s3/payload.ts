/** Takes a payload into a new file while its size and sums are counted, and keeps it only if they are what was claimed. */
import { createHash } from 'node:crypto';
import { AwsError } from '../../contract.ts';
import { type Algorithm, type Checksum, checksumHeader, claimedChecksum, summer } from './checksum/checksums.ts';
import { badDigest } from './protocol/read-document.ts';
import type { S3Request } from './protocol/s3-request.ts';
import type { S3 } from './s3-room.ts';
import type { Encryption } from './store.ts';

/** A file that no row names yet. */
export interface Payload {
  readonly file: string;
  readonly size: number;
  readonly etag: string;
  readonly checksum?: Checksum;
}

const MAX_BYTES = 5 * 1024 ** 3;

/** The body of an upload, held to `Content-MD5` and to the checksum in its header or trailer. */
export async function receive(
  s3: S3,
  { headers, stream }: Pick<S3Request, 'headers' | 'stream'>,
  encryption: Encryption,
): Promise<Payload> {
  const claimed = claimedChecksum(headers);
  const md5 = headers['content-md5'];
  if (md5 !== undefined && Buffer.from(md5, 'base64').length !== 16)
    throw new AwsError('InvalidDigest', 'The Content-MD5 you specified was invalid.');
  const stored = await keep(s3, stream.bytes, { algorithm: claimed?.algorithm, encryption });
  const expected = claimed && (claimed.value ?? stream.trailers()[checksumHeader(claimed.algorithm)]);
  const wrong =
    md5 !== undefined && md5 !== stored.md5.toString('base64')
      ? 'Content-MD5'
      : expected !== stored.payload.checksum?.value && claimed?.algorithm;
  if (!wrong) return stored.payload;
  s3.files.remove(stored.payload.file);
  throw badDigest(wrong);
}

/** Bytes that are the host's own (a copy). */
export async function keepCopy(
  s3: S3,
  bytes: AsyncIterable<Buffer>,
  options: { algorithm: Algorithm | undefined; encryption: Encryption },
): Promise<Payload> {
  const { payload } = await keep(s3, bytes, options);
  return payload;
}

async function keep(
  { files }: S3,
  bytes: AsyncIterable<Buffer>,
  { algorithm, encryption }: { algorithm: Algorithm | undefined; encryption: Encryption },
): Promise<{ payload: Payload; md5: Buffer }> {
  const hash = createHash('md5');
  const sum = algorithm && summer(algorithm);
  let size = 0;
  async function* counted(): AsyncGenerator<Buffer> {
    for await (const chunk of bytes) {
      size += chunk.length;
      if (size > MAX_BYTES)
        throw new AwsError('EntityTooLarge', 'Your proposed upload exceeds the maximum allowed size');
      hash.update(chunk);
      sum?.update(chunk);
      yield chunk;
    }
  }
  const file = await files.write(counted());
  const md5 = hash.digest();
  const checksum: Checksum | undefined = algorithm &&
    sum && { algorithm, value: sum.digest().toString('base64'), type: 'FULL_OBJECT' };
  return { payload: { file, size, etag: etagOf(md5, file, encryption), ...(checksum && { checksum }) }, md5 };
}

/** As on AWS, the ETag is the content's MD5 only where no KMS key encrypts: code that counts on it must fail here too. */
const etagOf = (md5: Buffer, file: string, { algorithm }: Encryption): string =>
  algorithm === 'aws:kms' ? createHash('md5').update(md5).update(file).digest('hex') : md5.toString('hex');
