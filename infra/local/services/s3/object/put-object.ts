import type { AwsResponse } from '../../../contract.ts';
import { expiryHeader, expiryOf } from '../bucket/lifecycle.ts';
import { checksumHeaders } from '../checksum/checksums.ts';
import { encryptionFor, encryptionHeaders, keyDemands } from '../encryption.ts';
import { type Payload, receive } from '../payload.ts';
import { onObject } from '../permissions.ts';
import { keptHeaders } from '../protocol/object-headers.ts';
import { checkWrite } from '../protocol/preconditions.ts';
import type { BucketRequest, Planner, S3 } from '../s3-room.ts';
import type { StoredObject } from '../store.ts';

export const putObject: Planner = (s3, request) => {
  const { bucket, key, headers } = request;
  const encryption = encryptionFor(s3, request);
  const where = { bucket: bucket.name, key };
  return {
    demands: [
      onObject(s3, request, 'PutObject'),
      ...conditionDemands(s3, request),
      ...keyDemands(s3, ['GenerateDataKey'], encryption, where),
    ],
    async run(): Promise<AwsResponse> {
      const kept = keptHeaders(headers);
      const payload = await receive(s3, request, encryption);
      const stored = publish(s3, request, payload, { headers: kept, encryption });
      return {
        status: 200,
        headers: {
          etag: `"${stored.etag}"`,
          ...checksumHeaders(payload.checksum),
          ...encryptionHeaders(encryption),
          ...expiryHeader(expiryOf(bucket.lifecycle, stored)),
        },
      };
    },
  };
};

/** Whoever learns by a condition what is there needs the right to read it. */
export const conditionDemands = (s3: S3, request: BucketRequest) =>
  request.headers['if-match'] === undefined ? [] : [onObject(s3, request, 'GetObject')];

/** The moment at which the object is there, and what it replaces is not: after the request's conditions held. */
export function publish(
  { store, files, clock }: S3,
  { bucket, key, headers }: BucketRequest,
  { checksum, ...payload }: Payload,
  details: Omit<StoredObject['details'], 'checksum'>,
  /** Within the same transaction, before the write. */
  first: () => void = () => {},
): StoredObject {
  const stored: StoredObject = {
    bucket: bucket.name,
    key,
    ...payload,
    modified: clock.now(),
    details: { ...details, ...(checksum && { checksum }) },
  };
  try {
    const old = store.atomically(() => {
      const current = store.object(bucket.name, key);
      checkWrite(current, headers, key);
      first();
      store.putObject(stored);
      return current;
    });
    files.remove(old?.file);
    return stored;
  } catch (error) {
    files.remove(payload.file);
    throw error;
  }
}
