/** The upload of a file that is to be imported: in parts, each to an address of its own; whole, and of the size that was said, or refused. */
import { ListPartsCommand, NoSuchUpload, type Part } from '@aws-sdk/client-s3';
import { DomainError } from '../api/errors.ts';
import { type ObjectClients, objectSize } from '../archive/objects.ts';
import { partAddresses } from '../archive/signed-address.ts';
import { beginUpload, completeUpload } from '../archive/upload-parts.ts';
import { PART_BYTES } from './import.ts';
import { uploadName } from './import-objects.ts';

export const beginImportUpload = (clients: ObjectClients, job: string): Promise<string> =>
  beginUpload(clients, uploadName(clients.account, job), 'application/octet-stream');

/** Where each part goes; `from` inclusive, `to` exclusive. */
export function uploadParts(clients: ObjectClients, job: string, { upload, size }: { upload: string; size: number }) {
  const count = Math.ceil(size / PART_BYTES);
  const addressOf = partAddresses(clients, { name: uploadName(clients.account, job), id: upload });
  const parts = Array.from({ length: count }, async (_, i) => ({
    method: 'PUT' as const,
    url: await addressOf(i + 1),
    headers: {},
    from: i * PART_BYTES,
    to: Math.min(size, (i + 1) * PART_BYTES),
  }));
  return Promise.all(parts);
}

async function listParts({ s3, archiveBucket }: ObjectClients, name: string, upload: string): Promise<Part[]> {
  const parts: Part[] = [];
  let PartNumberMarker: string | undefined;
  do {
    const page = await s3.send(
      new ListPartsCommand({ Bucket: archiveBucket, Key: name, UploadId: upload, PartNumberMarker }),
    );
    parts.push(...(page.Parts ?? []));
    PartNumberMarker = page.IsTruncated ? page.NextPartNumberMarker : undefined;
  } while (PartNumberMarker !== undefined);
  return parts;
}

/** Makes the file out of its parts, once. Throws a conflict, and leaves the upload open, where bytes are missing or too many. */
export async function completeImportUpload(
  clients: ObjectClients,
  job: string,
  { upload, size }: { upload: string; size: number },
): Promise<void> {
  const name = uploadName(clients.account, job);
  if ((await objectSize(clients, name)) !== undefined) return;
  const parts = await listParts(clients, name, upload).catch((error: unknown) => {
    if (error instanceof NoSuchUpload) throw new DomainError('conflict', 'The upload is over: create another import.');
    throw error;
  });
  const uploaded = parts.reduce((sum, part) => sum + (part.Size ?? 0), 0);
  const wrong = parts.find(({ PartNumber = 0, Size }) => Size !== sizeOf(PartNumber, size));
  if (uploaded !== size || wrong) {
    const which = wrong
      ? ` Part ${wrong.PartNumber} has ${wrong.Size} instead of ${sizeOf(wrong.PartNumber ?? 0, size)}.`
      : '';
    throw new DomainError('conflict', `Of ${size} bytes, ${uploaded} were uploaded.${which}`);
  }
  const done = parts.map(({ PartNumber: number = 0, ETag: etag = '' }) => ({ number, etag }));
  await completeUpload(clients, { name, id: upload }, done);
}

const sizeOf = (number: number, size: number) => Math.min(PART_BYTES, Math.max(0, size - (number - 1) * PART_BYTES));
