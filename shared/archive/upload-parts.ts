/**
 * An object that is written in parts, by one step of a job after the other. A part has at least 5 MiB, the last one excepted; what a
 * step has left over is handed to the next. A step that is done again writes the same parts under the same numbers.
 */
import {
  AbortMultipartUploadCommand,
  CompleteMultipartUploadCommand,
  CreateMultipartUploadCommand,
  NoSuchUpload,
  UploadPartCommand,
} from '@aws-sdk/client-s3';
import type { ObjectClients } from './objects.ts';

const MIB = 1024 * 1024;
const PART_BYTES = 8 * MIB;
/** Of 10,000 that an upload may have: from one to the next, parts grow, so that 240 GB fit. */
const PARTS_OF_A_SIZE = 2000;

export interface Upload {
  readonly name: string;
  readonly id: string;
}

export interface Part {
  readonly number: number;
  readonly etag: string;
}

export async function beginUpload(
  { s3, archiveBucket }: ObjectClients,
  name: string,
  contentType: string,
): Promise<string> {
  const { UploadId } = await s3.send(
    new CreateMultipartUploadCommand({ Bucket: archiveBucket, Key: name, ContentType: contentType }),
  );
  if (UploadId === undefined) throw new Error('S3 began an upload without a name.');
  return UploadId;
}

/** The object is there from now on, whole. */
export async function completeUpload(
  { s3, archiveBucket }: ObjectClients,
  { name, id }: Upload,
  parts: readonly Part[],
) {
  await s3.send(
    new CompleteMultipartUploadCommand({
      Bucket: archiveBucket,
      Key: name,
      UploadId: id,
      MultipartUpload: { Parts: parts.map(({ number, etag }) => ({ PartNumber: number, ETag: etag })) },
    }),
  );
}

/** Also where it is over. */
export async function abortUpload({ s3, archiveBucket }: ObjectClients, { name, id }: Upload): Promise<void> {
  try {
    await s3.send(new AbortMultipartUploadCommand({ Bucket: archiveBucket, Key: name, UploadId: id }));
  } catch (error) {
    if (!(error instanceof NoSuchUpload)) throw error;
  }
}

/** Collects bytes into parts; one part is on its way while the next is collected. */
export class PartsWriter {
  readonly #clients: ObjectClients;
  readonly #upload: Upload;
  readonly #parts: Part[] = [];
  #next: number;
  #held: Uint8Array[];
  #heldBytes: number;
  #underWay: Promise<void> = Promise.resolve();

  /** `next`: the number of the first part to write, from 1; `rest`: what the step before has left over. */
  constructor(clients: ObjectClients, upload: Upload, { next, rest }: { next: number; rest: Uint8Array }) {
    this.#clients = clients;
    this.#upload = upload;
    this.#next = next;
    this.#held = [rest];
    this.#heldBytes = rest.length;
  }

  async write(bytes: Uint8Array): Promise<void> {
    this.#held.push(bytes);
    this.#heldBytes += bytes.length;
    const size = PART_BYTES * (1 + Math.floor((this.#next - 1) / PARTS_OF_A_SIZE));
    if (this.#heldBytes >= size) await this.#send();
  }

  /** The parts written, and what is too little for one. */
  async pause(): Promise<{ parts: readonly Part[]; rest: Uint8Array }> {
    await this.#underWay;
    return { parts: this.#parts, rest: Buffer.concat(this.#held) };
  }

  /** Writes what is left as the last part. */
  async end(): Promise<readonly Part[]> {
    if (this.#heldBytes > 0 || this.#next === 1) await this.#send();
    await this.#underWay;
    return this.#parts;
  }

  async #send(): Promise<void> {
    await this.#underWay;
    const number = this.#next++;
    const body = Buffer.concat(this.#held);
    this.#held = [];
    this.#heldBytes = 0;
    this.#underWay = this.#put(number, body);
    // Whoever waits for it hears of a failure; until then nobody does.
    this.#underWay.catch(() => {});
  }

  async #put(number: number, body: Uint8Array): Promise<void> {
    const { s3, archiveBucket } = this.#clients;
    const { name, id } = this.#upload;
    const { ETag } = await s3.send(
      new UploadPartCommand({ Bucket: archiveBucket, Key: name, UploadId: id, PartNumber: number, Body: body }),
    );
    if (ETag === undefined) throw new Error('S3 took a part without an ETag.');
    this.#parts.push({ number, etag: ETag });
  }
}
