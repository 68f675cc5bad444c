/**
 * What this platform asks of S3, in memory: for tests that make thousands of calls, and watch each. It refuses what S3 refuses: a part
 * that is too small and not the last, an ETag that isn't the part's, an upload that is over. A missing object is a denied one, for sessions
 * may not list.
 */
import { createHash } from 'node:crypto';
import { Readable } from 'node:stream';
import { NoSuchUpload, type S3Client, S3ServiceException } from '@aws-sdk/client-s3';

/** A call as a test sees it: before it is made, or after, when only its answer is not there yet. */
export type S3Watch = (command: string, when: 'before' | 'after') => void | Promise<void>;

interface Input {
  readonly Key: string;
  readonly Body?: Uint8Array | string;
  readonly Range?: string;
  readonly UploadId?: string;
  readonly PartNumber?: number;
  readonly MultipartUpload?: { readonly Parts: readonly { readonly PartNumber: number; readonly ETag: string }[] };
}

const SMALLEST_PART = 5 * 1024 * 1024;

const failure = (name: string, httpStatusCode: number) =>
  new S3ServiceException({ name, message: name, $fault: 'client', $metadata: { httpStatusCode } });

const etagOf = (bytes: Uint8Array) => `"${createHash('md5').update(bytes).digest('hex')}"`;

export function memoryS3() {
  const objects = new Map<string, Buffer>();
  const uploads = new Map<string, { readonly key: string; readonly parts: Map<number, Buffer> }>();
  let watch: S3Watch | undefined;
  let begun = 0;

  function uploadOf({ UploadId = '', Key }: Input) {
    const found = uploads.get(UploadId);
    if (found?.key !== Key) throw new NoSuchUpload({ message: 'There is none.', $metadata: { httpStatusCode: 404 } });
    return found;
  }
  function objectOf({ Key }: Input): Buffer {
    const found = objects.get(Key);
    if (!found) throw failure('AccessDenied', 403);
    return found;
  }

  const commands: Readonly<Record<string, (input: Input) => object>> = {
    PutObject({ Key, Body = '' }) {
      objects.set(Key, Buffer.from(Body));
      return {};
    },
    HeadObject: (input) => ({ ContentLength: objectOf(input).length }),
    GetObject(input) {
      const [, start, end] = /^bytes=(\d+)-(\d+)$/.exec(input.Range ?? '') ?? [];
      const bytes = objectOf(input);
      return { Body: Readable.from([start === undefined ? bytes : bytes.subarray(Number(start), Number(end) + 1)]) };
    },
    DeleteObject({ Key }) {
      objects.delete(Key);
      return {};
    },
    CreateMultipartUpload({ Key }) {
      begun += 1;
      uploads.set(`upload-${begun}`, { key: Key, parts: new Map() });
      return { UploadId: `upload-${begun}` };
    },
    UploadPart(input) {
      const bytes = Buffer.from(input.Body ?? '');
      uploadOf(input).parts.set(input.PartNumber ?? 0, bytes);
      return { ETag: etagOf(bytes) };
    },
    CompleteMultipartUpload(input) {
      const { parts } = uploadOf(input);
      const named = input.MultipartUpload?.Parts ?? [];
      const all = named.map(({ PartNumber, ETag }, i) => {
        const part = parts.get(PartNumber);
        if (!part || etagOf(part) !== ETag) throw failure('InvalidPart', 400);
        if (PartNumber <= (named[i - 1]?.PartNumber ?? 0)) throw failure('InvalidPartOrder', 400);
        if (part.length < SMALLEST_PART && i < named.length - 1) throw failure('EntityTooSmall', 400);
        return part;
      });
      if (all.length === 0) throw failure('MalformedXML', 400);
      objects.set(input.Key, Buffer.concat(all));
      uploads.delete(input.UploadId ?? '');
      return {};
    },
    AbortMultipartUpload(input) {
      uploadOf(input);
      uploads.delete(input.UploadId ?? '');
      return {};
    },
  };

  async function send(command: { readonly constructor: { readonly name: string }; readonly input: Input }) {
    const name = command.constructor.name.replace(/Command$/, '');
    const carryOut = commands[name];
    if (!carryOut) throw new Error(`This S3 doesn't know ${name}.`);
    await watch?.(name, 'before');
    const answer = carryOut(command.input);
    await watch?.(name, 'after');
    return answer;
  }

  return {
    client: { send } as unknown as S3Client,
    objects,
    /** Unfinished ones. */
    uploads,
    watch(by?: S3Watch) {
      watch = by;
    },
  };
}
export type MemoryS3 = ReturnType<typeof memoryS3>;
