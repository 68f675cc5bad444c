/**
 * The contents of one file of a stranger's archive, in one read. No more is delivered than the directory declares, and no more
 * is inflated than a buffer's length ahead of the reader, whatever the data would grow to.
 */
import { pipeline, Readable } from 'node:stream';
import { crc32, createInflateRaw } from 'node:zlib';
import { ArchiveError } from './archive-error.ts';
import type { ZipSource } from './zip-source.ts';

/** What the directory says of a file. */
export interface Declared {
  readonly name: string;
  readonly stored: boolean;
  readonly size: number;
  readonly compressedSize: number;
  readonly crc32: number;
  /** Where its local header begins. */
  readonly offset: number;
  /** Where the next one begins, or the directory. */
  readonly end: number;
}

const LOCAL_HEADER = 0x04034b50;
const LOCAL_HEADER_SIZE = 30;
/** Of the name and the extra field together. */
const MAX_VARIABLE = 2 * 0xffff;
const ENCRYPTED = 1;
const OUTPUT_BUFFER = 64 * 1024;

/** Throws ArchiveError `damaged` where the archive isn't as its directory says; what the source throws passes through. */
export async function* readContents(source: ZipSource, file: Declared): AsyncGenerator<Uint8Array> {
  const data = readData(source, file);
  let size = 0;
  let crc = 0;
  for await (const bytes of file.stored ? data : inflate(data, file)) {
    size += bytes.length;
    if (size > file.size) throw damaged(file, 'A file has more bytes than the archive declares.');
    crc = crc32(bytes, crc);
    yield bytes;
  }
  if (size < file.size) throw damaged(file, 'A file has fewer bytes than the archive declares.');
  if (crc !== file.crc32) throw damaged(file, 'A file has not the checksum that the archive declares.');
}

/** The data as it lies in the archive: `compressedSize` bytes. */
async function* readData(source: ZipSource, file: Declared): AsyncGenerator<Uint8Array> {
  const most = LOCAL_HEADER_SIZE + MAX_VARIABLE + file.compressedSize;
  let header: Buffer | undefined = Buffer.alloc(0);
  let left = file.compressedSize;
  for await (let bytes of await source.read(file.offset, Math.min(file.end, file.offset + most))) {
    if (header) {
      header = Buffer.concat([header, bytes]);
      const start = dataStart(header, file);
      if (start === undefined) continue;
      bytes = header.subarray(start);
      header = undefined;
    }
    if (bytes.length >= left) {
      if (left > 0) yield bytes.subarray(0, left);
      return;
    }
    left -= bytes.length;
    yield bytes;
  }
  throw new Error('The source ended early.');
}

/** Length of the local header; undefined while `header` has only a part of it. */
function dataStart(header: Buffer, file: Declared): number | undefined {
  if (header.length < LOCAL_HEADER_SIZE) return undefined;
  if (header.readUInt32LE(0) !== LOCAL_HEADER) throw damaged(file, 'A file does not begin where the archive says.');
  const nameEnd = LOCAL_HEADER_SIZE + header.readUInt16LE(26);
  const start = nameEnd + header.readUInt16LE(28);
  if (file.offset + start + file.compressedSize > file.end) {
    throw damaged(file, 'A file reaches into what follows it.');
  }
  if (header.length < start) return undefined;
  const isSame =
    header.subarray(LOCAL_HEADER_SIZE, nameEnd).equals(Buffer.from(file.name)) &&
    header.readUInt16LE(8) === (file.stored ? 0 : 8) &&
    (header.readUInt16LE(6) & ENCRYPTED) === 0;
  if (!isSame) throw damaged(file, 'A file calls itself other than the archive does.');
  return start;
}

async function* inflate(data: AsyncIterable<Uint8Array>, file: Declared): AsyncGenerator<Uint8Array> {
  const zlib = createInflateRaw({ chunkSize: OUTPUT_BUFFER });
  const input = Readable.from(data);
  pipeline(input, zlib, () => {}); // what fails comes out of `zlib`
  try {
    yield* zlib;
  } catch (cause) {
    if (!isZlibError(cause)) throw cause;
    throw damaged(file, 'A file is not deflated data.', { cause });
  } finally {
    input.destroy(); // zlib takes nothing more after the data's own end, and tells nobody
  }
  if (zlib.bytesWritten < file.compressedSize) throw damaged(file, 'A file ends before its data does.');
}

const isZlibError = (error: unknown) => error instanceof Error && 'code' in error && /^Z_/.test(String(error.code));

const damaged = (file: Declared, message: string, options?: ErrorOptions) =>
  new ArchiveError('damaged', message, file.name, options);
