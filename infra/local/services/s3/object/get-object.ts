import type { FileHandle } from 'node:fs/promises';
import type { AwsResponse } from '../../../contract.ts';
import { expiryHeader, expiryOf } from '../bucket/lifecycle.ts';
import { checksumHeaders } from '../checksum/checksums.ts';
import { encryptionHeaders, keyDemands } from '../encryption.ts';
import { stream } from '../object-files.ts';
import { missing, onObject } from '../permissions.ts';
import { readRange } from '../protocol/byte-range.ts';
import { overridden } from '../protocol/object-headers.ts';
import { isUnchanged } from '../protocol/preconditions.ts';
import type { BucketRequest, Planner, S3 } from '../s3-room.ts';
import type { StoredObject } from '../store.ts';

export const getObject: Planner = (s3, request) => ({
  demands: demands(s3, request, { content: true }),
  async run(principal): Promise<AwsResponse> {
    const where = { bucket: request.bucket.name, key: request.key };
    const found = await openObject(s3, where);
    if (!found) throw missing(s3, principal, request, where);
    try {
      const answer = describe(request, found.object);
      if (answer.status === 304) {
        await found.handle.close();
        return answer;
      }
      // A stream of no bytes can't be asked for by range.
      if (found.object.size > 0) return { ...answer, body: stream(found.handle, answer.range) };
      await found.handle.close();
      return answer;
    } catch (error) {
      await found.handle.close();
      throw error;
    }
  },
});

export const headObject: Planner = (s3, request) => ({
  demands: demands(s3, request, { content: request.headers['x-amz-checksum-mode'] !== undefined }),
  run(principal): AwsResponse {
    const where = { bucket: request.bucket.name, key: request.key };
    const object = s3.store.object(where.bucket, where.key);
    if (!object) throw missing(s3, principal, request, where);
    return describe(request, object);
  },
});

function demands(s3: S3, request: BucketRequest, { content }: { content: boolean }) {
  const object = content ? s3.store.object(request.bucket.name, request.key) : undefined;
  return [
    onObject(s3, request, 'GetObject'),
    ...(object ? keyDemands(s3, ['Decrypt'], object.details.encryption, object) : []),
  ];
}

/** The object with its content held open: whatever happens to the object now, this content can be read to its end. */
export async function openObject(
  { store, files }: S3,
  { bucket, key }: { bucket: string; key: string },
): Promise<{ object: StoredObject; handle: FileHandle } | undefined> {
  for (;;) {
    const object = store.object(bucket, key);
    if (!object) return undefined;
    try {
      return { object, handle: await files.open(object.file) };
    } catch (error) {
      // Replaced between the two: the next look finds the new one.
      if (store.object(bucket, key)?.file === object.file) throw error;
    }
  }
}

interface Description {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly range?: { readonly start: number; readonly end: number };
}

function describe({ headers, query, bucket }: BucketRequest, object: StoredObject): Description {
  const { size, modified, etag, details } = object;
  const dated = { etag: `"${etag}"`, 'last-modified': new Date(modified).toUTCString() };
  if (isUnchanged(object, headers)) return { status: 304, headers: dated };
  const range = readRange(headers.range, size);
  const length = range ? range.end - range.start + 1 : size;
  // A checksum is of the whole.
  const checksum = headers['x-amz-checksum-mode']?.toUpperCase() === 'ENABLED' && !range ? details.checksum : undefined;
  return {
    status: range ? 206 : 200,
    headers: {
      ...details.headers,
      ...overridden(query),
      ...dated,
      'accept-ranges': 'bytes',
      'content-length': String(length),
      ...(range && { 'content-range': `bytes ${range.start}-${range.end}/${size}` }),
      ...checksumHeaders(checksum),
      ...encryptionHeaders(details.encryption),
      ...expiryHeader(expiryOf(bucket.lifecycle, object)),
    },
    ...(range && { range }),
  };
}
