import { createHash } from 'node:crypto';
import { AwsError, type AwsResponse } from '../../../contract.ts';
import { expiryHeader, expiryOf } from '../bucket/lifecycle.ts';
import { type Checksum, checksumMember, claimedChecksum, summer } from '../checksum/checksums.ts';
import { encryptionHeaders } from '../encryption.ts';
import { conditionDemands, publish } from '../object/put-object.ts';
import { keepCopy } from '../payload.ts';
import { onObject } from '../permissions.ts';
import { noSuchUpload } from '../protocol/errors.ts';
import { badDigest, readDocument } from '../protocol/read-document.ts';
import { childText, type Element, malformed, xmlResponse } from '../protocol/xml.ts';
import type { BucketRequest, Planner, S3 } from '../s3-room.ts';
import type { Part, Upload } from '../store.ts';
import { findUpload, uploadKeyDemands } from './uploads.ts';

const MIN_PART_BYTES = 5 * 1024 * 1024;

export const completeUpload: Planner = (s3, request) => ({
  demands: [onObject(s3, request, 'PutObject'), ...conditionDemands(s3, request), ...uploadKeyDemands(s3, request)],
  async run(): Promise<AwsResponse> {
    const { bucket, key, headers } = request;
    const upload = findUpload(s3, request);
    const document = await readDocument(request, 'CompleteMultipartUpload', { sums: false });
    const parts = chooseParts(document, s3.store.parts(upload.id));
    checkSize(parts, headers['x-amz-mp-object-size']);
    const { payload, checksum } = await join(s3, upload, parts);
    try {
      checkChecksum(request, checksum);
    } catch (error) {
      s3.files.remove(payload.file);
      throw error;
    }
    let left: string[] = [];
    const stored = publish(
      s3,
      request,
      { ...payload, etag: etagOf(parts), ...(checksum && { checksum }) },
      { headers: upload.details.headers, encryption: upload.details.encryption },
      () => {
        // Aborted meanwhile, or completed by another request.
        if (!s3.store.upload(upload.id)) throw noSuchUpload(upload.id);
        left = s3.store.deleteUpload(upload.id);
      },
    );
    s3.files.remove(...left);
    const answer = xmlResponse('CompleteMultipartUploadResult', {
      Location: `/${bucket.name}/${encodeURIComponent(key)}`,
      Bucket: bucket.name,
      Key: key,
      ETag: `"${stored.etag}"`,
      ...(checksum && { ...checksumMember(checksum), ChecksumType: checksum.type }),
    });
    return {
      ...answer,
      headers: {
        ...answer.headers,
        ...encryptionHeaders(upload.details.encryption),
        ...expiryHeader(expiryOf(bucket.lifecycle, stored)),
      },
    };
  },
});

/** The parts that the caller names: in ascending order, each as it was uploaded, none but the last too small. */
function chooseParts(document: Element, uploaded: readonly Part[]): Part[] {
  const named = document.children.filter(({ name }) => name === 'Part');
  if (named.length === 0) throw malformed();
  const byNumber = new Map(uploaded.map((part) => [part.number, part]));
  let previous = 0;
  const chosen = named.map((element) => {
    const number = Number(childText(element, 'PartNumber'));
    if (!Number.isInteger(number) || number < 1) throw malformed();
    if (number <= previous) throw new AwsError('InvalidPartOrder', 'The list of parts was not in ascending order.');
    previous = number;
    const part = byNumber.get(number);
    const etag = childText(element, 'ETag')?.replaceAll('"', '');
    if (!part || etag !== part.etag || !sameChecksum(element, part))
      throw new AwsError(
        'InvalidPart',
        'One or more of the specified parts could not be found, or its ETag differs.',
        400,
        {
          PartNumber: String(number),
          ETag: etag ?? '',
        },
      );
    return part;
  });
  const small = chosen.slice(0, -1).find(({ size }) => size < MIN_PART_BYTES);
  if (small)
    throw new AwsError('EntityTooSmall', 'Your proposed upload is smaller than the minimum allowed size', 400, {
      PartNumber: String(small.number),
      ProposedSize: String(small.size),
      MinSizeAllowed: String(MIN_PART_BYTES),
    });
  return chosen;
}

const sameChecksum = ({ children }: Element, { checksum }: Part): boolean =>
  children.every(
    ({ name, text }) =>
      !name.startsWith('Checksum') || (name === `Checksum${checksum?.algorithm}` && text === checksum?.value),
  );

function checkSize(parts: readonly Part[], said: string | undefined): void {
  const size = parts.reduce((sum, part) => sum + part.size, 0);
  if (said !== undefined && said !== String(size))
    throw new AwsError(
      'InvalidRequest',
      `The provided 'x-amz-mp-object-size' header does not match the parts' ${size}.`,
    );
}

async function join(s3: S3, upload: Upload, parts: readonly Part[]) {
  const { checksum: wanted, encryption } = upload.details;
  const algorithm = wanted?.type === 'FULL_OBJECT' ? wanted.algorithm : undefined;
  const files = parts.map(({ file }) => file);
  const payload = await keepCopy(s3, s3.files.read(files), { algorithm, encryption }).catch((error: unknown) => {
    // Its parts are gone because the upload is.
    throw s3.store.upload(upload.id) ? error : noSuchUpload(upload.id);
  });
  const checksum = wanted?.type === 'COMPOSITE' ? composite(wanted.algorithm, parts) : payload.checksum;
  return { payload, checksum };
}

function composite(algorithm: Checksum['algorithm'], parts: readonly Part[]): Checksum {
  const sum = summer(algorithm);
  for (const { checksum } of parts) sum.update(Buffer.from(checksum?.value ?? '', 'base64'));
  return { algorithm, value: `${sum.digest().toString('base64')}-${parts.length}`, type: 'COMPOSITE' };
}

/** The header speaks of the object, not of the document. */
function checkChecksum({ headers }: BucketRequest, checksum: Checksum | undefined): void {
  const claimed = claimedChecksum(headers);
  if (!claimed || !checksum) return;
  const bare = (value: string | undefined) => (checksum.type === 'COMPOSITE' ? value?.replace(/-\d+$/, '') : value);
  if (claimed.algorithm !== checksum.algorithm || bare(claimed.value) !== bare(checksum.value))
    throw badDigest(claimed.algorithm);
}

const etagOf = (parts: readonly Part[]): string => {
  const hash = createHash('md5');
  for (const { etag } of parts) hash.update(Buffer.from(etag, 'hex'));
  return `${hash.digest('hex')}-${parts.length}`;
};
