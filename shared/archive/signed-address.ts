/** Addresses by which whoever has them may do one thing with one object, for ten minutes. */
import { GetObjectCommand, S3Client, UploadPartCommand } from '@aws-sdk/client-s3';
import { getSignedUrl } from '@aws-sdk/s3-request-presigner';
import type { ObjectClients } from './objects.ts';
import type { Upload } from './upload-parts.ts';

/** An address ends with the session that signed it, and sessions are let go ten minutes before their end. */
export const ADDRESS_SECONDS = 600;

/** Takes a Range; `fileName`: what a browser calls it. */
export const downloadAddress = (
  { s3, archiveBucket }: ObjectClients,
  name: string,
  fileName: string,
): Promise<string> =>
  getSignedUrl(
    s3,
    new GetObjectCommand({
      Bucket: archiveBucket,
      Key: name,
      ResponseContentDisposition: `attachment; filename="${fileName}"`,
    }),
    { expiresIn: ADDRESS_SECONDS },
  );

/** For a `PUT` of a part's bytes each. Nothing is known of them yet: the SDK would sign the checksum of none. */
export function partAddresses(
  { s3, archiveBucket }: ObjectClients,
  { name, id }: Upload,
): (number: number) => Promise<string> {
  const { credentials, region, endpoint, forcePathStyle = false } = s3.config;
  const signer = new S3Client({
    credentials,
    region,
    forcePathStyle,
    ...(endpoint ? { endpoint } : {}),
    requestChecksumCalculation: 'WHEN_REQUIRED',
  });
  return (number) =>
    getSignedUrl(
      signer,
      new UploadPartCommand({ Bucket: archiveBucket, Key: name, UploadId: id, PartNumber: number }),
      {
        expiresIn: ADDRESS_SECONDS,
      },
    );
}
