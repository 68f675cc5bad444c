import { AwsError, type AwsResponse } from '../../../contract.ts';
import { type Algorithm, checksumHeaders, checksumMember, claimedChecksum } from '../checksum/checksums.ts';
import { encryptionHeaders } from '../encryption.ts';
import { copySource, readSource } from '../object/copy-source.ts';
import { keepCopy, type Payload, receive } from '../payload.ts';
import { onObject } from '../permissions.ts';
import { readRange } from '../protocol/byte-range.ts';
import { invalidArgument, noSuchUpload } from '../protocol/errors.ts';
import { xmlResponse } from '../protocol/xml.ts';
import type { BucketRequest, Planner, S3 } from '../s3-room.ts';
import type { Part, Upload } from '../store.ts';
import { findUpload, uploadKeyDemands } from './uploads.ts';

const MAX_PARTS = 10_000;

export const uploadPart: Planner = (s3, request) => ({
  demands: [onObject(s3, request, 'PutObject'), ...uploadKeyDemands(s3, request)],
  async run(): Promise<AwsResponse> {
    const number = readNumber(request);
    const upload = findUpload(s3, request);
    const wanted = upload.details.checksum?.algorithm;
    const claimed = claimedChecksum(request.headers)?.algorithm;
    if (wanted && claimed !== wanted) throw otherChecksum(wanted, claimed);
    const part = keepPart(s3, upload, number, await receive(s3, request, upload.details.encryption));
    const { checksum } = part;
    return {
      status: 200,
      headers: {
        etag: `"${part.etag}"`,
        // A part's checksum has no type.
        ...(checksum && omitType(checksumHeaders(checksum))),
        ...encryptionHeaders(upload.details.encryption),
      },
    };
  },
});

const omitType = ({ 'x-amz-checksum-type': _, ...rest }: Record<string, string>): Record<string, string> => rest;

export const copyPart: Planner = (s3, request) => {
  const source = copySource(s3, request);
  return {
    demands: [...source.demands, onObject(s3, request, 'PutObject'), ...uploadKeyDemands(s3, request)],
    async run(principal): Promise<AwsResponse> {
      const number = readNumber(request);
      const upload = findUpload(s3, request);
      const original = readSource(s3, request, source.where, principal);
      const asked = request.headers['x-amz-copy-source-range'];
      const range = readRange(asked, original.size);
      if (asked !== undefined && !range)
        throw invalidArgument('The range must be bytes=first-last', 'x-amz-copy-source-range', asked);
      const { encryption, checksum } = upload.details;
      const bytes = s3.files.read([original.file], range);
      const payload = await keepCopy(s3, bytes, { algorithm: checksum?.algorithm, encryption });
      const part = keepPart(s3, upload, number, payload);
      return xmlResponse('CopyPartResult', {
        ETag: `"${part.etag}"`,
        LastModified: new Date(part.modified).toISOString(),
        ...(part.checksum && checksumMember(part.checksum)),
      });
    },
  };
};

function keepPart({ store, files, clock }: S3, upload: Upload, number: number, payload: Payload): Part {
  const part: Part = { number, ...payload, checksum: payload.checksum, modified: clock.now() };
  try {
    const old = store.atomically(() => {
      if (!store.upload(upload.id)) throw noSuchUpload(upload.id);
      return store.putPart(upload.id, part);
    });
    files.remove(old);
    return part;
  } catch (error) {
    files.remove(payload.file);
    throw error;
  }
}

function readNumber({ query }: BucketRequest): number {
  const text = query.get('partNumber') ?? '';
  const number = /^\d{1,5}$/.test(text) ? Number(text) : 0;
  if (number < 1 || number > MAX_PARTS)
    throw invalidArgument('Part number must be an integer between 1 and 10000, inclusive', 'partNumber', text);
  return number;
}

const otherChecksum = (wanted: Algorithm, claimed: Algorithm | undefined): AwsError =>
  new AwsError(
    'InvalidRequest',
    `Checksum Type mismatch occurred, expected checksum Type: ${wanted.toLowerCase()}, actual checksum Type: ${claimed?.toLowerCase() ?? 'null'}`,
  );
