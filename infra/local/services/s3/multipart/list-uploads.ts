import type { AwsResponse } from '../../../contract.ts';
import { checksumMember } from '../checksum/checksums.ts';
import { onBucket, onObject } from '../permissions.ts';
import { invalidArgument, notServed } from '../protocol/errors.ts';
import { xmlResponse } from '../protocol/xml.ts';
import type { Planner } from '../s3-room.ts';
import { findUpload } from './uploads.ts';

const MAX = 1000;

export const listParts: Planner = (s3, request) => ({
  demands: [onObject(s3, request, 'ListMultipartUploadParts')],
  run(): AwsResponse {
    const { bucket, key, query } = request;
    const upload = findUpload(s3, request);
    const limit = readCount(query, 'max-parts');
    const marker = Number(query.get('part-number-marker') ?? 0);
    const after = s3.store.parts(upload.id).filter(({ number }) => number > marker);
    const shown = after.slice(0, limit);
    const truncated = shown.length < after.length;
    return xmlResponse('ListPartsResult', {
      Bucket: bucket.name,
      Key: key,
      UploadId: upload.id,
      PartNumberMarker: marker,
      NextPartNumberMarker: truncated ? shown.at(-1)?.number : undefined,
      MaxParts: limit,
      IsTruncated: truncated,
      StorageClass: 'STANDARD',
      ChecksumAlgorithm: upload.details.checksum?.algorithm,
      ChecksumType: upload.details.checksum?.type,
      Part: shown.map(({ number, size, etag, modified, checksum }) => ({
        PartNumber: number,
        LastModified: new Date(modified).toISOString(),
        ETag: `"${etag}"`,
        Size: size,
        ...(checksum && checksumMember(checksum)),
      })),
    });
  },
});

export const listUploads: Planner = (s3, request) => {
  const { bucket, query } = request;
  if (query.get('delimiter')) throw notServed('a delimiter in ListMultipartUploads');
  return {
    demands: [onBucket(s3, request, 'ListBucketMultipartUploads')],
    run(): AwsResponse {
      const prefix = query.get('prefix') ?? '';
      const limit = readCount(query, 'max-uploads');
      const keyMarker = query.get('key-marker') ?? '';
      const idMarker = query.get('upload-id-marker') ?? '';
      const all = s3.store.uploads(bucket.name).filter(({ key }) => key.startsWith(prefix));
      // Uploads of one key are in order of their start: the marker names the last one that was told.
      const last = idMarker === '' ? -1 : all.findIndex(({ key, id }) => key === keyMarker && id === idMarker);
      const after = last >= 0 ? all.slice(last + 1) : all.filter(({ key }) => isAfter(key, keyMarker));
      const shown = after.slice(0, limit);
      const truncated = shown.length < after.length;
      return xmlResponse('ListMultipartUploadsResult', {
        Bucket: bucket.name,
        Prefix: prefix,
        KeyMarker: keyMarker,
        UploadIdMarker: idMarker,
        NextKeyMarker: truncated ? shown.at(-1)?.key : undefined,
        NextUploadIdMarker: truncated ? shown.at(-1)?.id : undefined,
        MaxUploads: limit,
        IsTruncated: truncated,
        Upload: shown.map(({ key, id, started, details }) => ({
          Key: key,
          UploadId: id,
          Initiated: new Date(started).toISOString(),
          StorageClass: 'STANDARD',
          ChecksumAlgorithm: details.checksum?.algorithm,
          ChecksumType: details.checksum?.type,
        })),
      });
    },
  };
};

const isAfter = (key: string, marker: string): boolean => Buffer.compare(Buffer.from(key), Buffer.from(marker)) > 0;

function readCount(query: URLSearchParams, name: string): number {
  const text = query.get(name) ?? String(MAX);
  if (!/^[1-9]\d{0,9}$/.test(text)) throw invalidArgument(`Provided ${name} not a positive integer`, name, text);
  return Math.min(Number(text), MAX);
}
