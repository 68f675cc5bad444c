import { randomBytes } from 'node:crypto';
import { AwsError, type AwsResponse } from '../../../contract.ts';
import { algorithmNamed } from '../checksum/checksums.ts';
import { encryptionFor, encryptionHeaders, keyDemands } from '../encryption.ts';
import { onObject } from '../permissions.ts';
import { noSuchUpload } from '../protocol/errors.ts';
import { keptHeaders } from '../protocol/object-headers.ts';
import { xmlResponse } from '../protocol/xml.ts';
import type { BucketRequest, Planner, S3 } from '../s3-room.ts';
import type { Upload } from '../store.ts';

/** Its demands name the bucket and key of the request, so it must be the upload of that very key. */
export function findUpload({ store }: S3, { query, bucket, key }: BucketRequest): Upload {
  const id = query.get('uploadId') ?? '';
  const upload = store.upload(id);
  if (upload?.bucket !== bucket.name || upload.key !== key) throw noSuchUpload(id);
  return upload;
}

/** The upload's key is needed to write on; an upload that isn't there is told only to those who may. */
export function uploadKeyDemands(s3: S3, request: BucketRequest) {
  const upload = s3.store.upload(request.query.get('uploadId') ?? '');
  const where = { bucket: request.bucket.name, key: request.key };
  return upload ? keyDemands(s3, ['Decrypt'], upload.details.encryption, where) : [];
}

export const createUpload: Planner = (s3, request) => {
  const { bucket, key, headers } = request;
  const encryption = encryptionFor(s3, request);
  const where = { bucket: bucket.name, key };
  return {
    demands: [onObject(s3, request, 'PutObject'), ...keyDemands(s3, ['GenerateDataKey', 'Decrypt'], encryption, where)],
    run(): AwsResponse {
      const id = randomBytes(32).toString('base64url');
      const checksum = checksumOf(headers);
      const details = { headers: keptHeaders(headers), encryption, ...(checksum && { checksum }) };
      s3.store.putUpload({ id, ...where, started: s3.clock.now(), details });
      const answer = xmlResponse('InitiateMultipartUploadResult', { Bucket: bucket.name, Key: key, UploadId: id });
      return {
        ...answer,
        headers: {
          ...answer.headers,
          ...encryptionHeaders(encryption),
          ...(checksum && {
            'x-amz-checksum-algorithm': checksum.algorithm,
            'x-amz-checksum-type': checksum.type,
          }),
        },
      };
    },
  };
};

function checksumOf(headers: BucketRequest['headers']): Upload['details']['checksum'] {
  const named = headers['x-amz-checksum-algorithm'];
  if (named === undefined) return undefined;
  const algorithm = algorithmNamed(named);
  const crc = algorithm.startsWith('CRC');
  const type = headers['x-amz-checksum-type'] ?? (algorithm === 'CRC64NVME' ? 'FULL_OBJECT' : 'COMPOSITE');
  const full = type === 'FULL_OBJECT';
  if ((!full && type !== 'COMPOSITE') || (full && !crc) || (!full && algorithm === 'CRC64NVME'))
    throw new AwsError('InvalidRequest', `The ${type} checksum type can't be used with the ${algorithm} algorithm.`);
  return { algorithm, type: full ? 'FULL_OBJECT' : 'COMPOSITE' };
}

export const abortUpload: Planner = (s3, request) => ({
  demands: [onObject(s3, request, 'AbortMultipartUpload')],
  run(): AwsResponse {
    const { id } = findUpload(s3, request);
    s3.files.remove(...s3.store.atomically(() => s3.store.deleteUpload(id)));
    return { status: 204 };
  },
});
