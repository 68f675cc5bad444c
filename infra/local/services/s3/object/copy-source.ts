/** The object that a copy reads. Reading it is demanded of the caller as any reading is. */
import type { Demand, Principal } from '../../../contract.ts';
import { keyDemands } from '../encryption.ts';
import { missing, onSource } from '../permissions.ts';
import { noSuchBucket, preconditionFailed } from '../protocol/errors.ts';
import { isUnchanged } from '../protocol/preconditions.ts';
import { type Address, readCopySource } from '../protocol/s3-request.ts';
import type { BucketRequest, S3 } from '../s3-room.ts';
import type { StoredObject } from '../store.ts';

export function copySource(s3: S3, request: BucketRequest): { where: Address; demands: Demand[] } {
  const where = readCopySource(request.headers['x-amz-copy-source'] ?? '');
  if (!s3.buckets.get(where.bucket)) throw noSuchBucket(where.bucket);
  const object = s3.store.object(where.bucket, where.key);
  const key = object ? keyDemands(s3, ['Decrypt'], object.details.encryption, where) : [];
  return { where, demands: [onSource(s3, request, where), ...key] };
}

/** Throws where it is missing or the request's conditions on it don't hold. */
export function readSource(s3: S3, request: BucketRequest, where: Address, principal: Principal): StoredObject {
  const object = s3.store.object(where.bucket, where.key);
  if (!object) throw missing(s3, principal, request, where);
  if (isUnchanged(object, request.headers, 'x-amz-copy-source-'))
    throw preconditionFailed('x-amz-copy-source-If-None-Match');
  return object;
}
