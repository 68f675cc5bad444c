/** Adds one file to an archive: counted, hashed, compressed where its name says so, in constant memory. */
import { createHash } from 'node:crypto';
import { pipeline, Readable } from 'node:stream';
import { createGzip } from 'node:zlib';
import type { ZipEntry, ZipWriter } from './zip/zip-writer.ts';

/** What a file holds, as it comes. Texts are UTF-8. */
export type Content = AsyncIterable<string | Uint8Array> | Iterable<string | Uint8Array>;

/** What is known of a file that stands in an archive. */
export interface WrittenFile {
  readonly entry: ZipEntry;
  /** Of the file as it stands there. */
  readonly bytes: number;
  readonly sha256: string;
  /** Before compression: what sameness is judged by. */
  readonly contentBytes: number;
  readonly contentSha256: string;
}

/** Small pieces are put together: each costs a call of a compressor. */
const PIECE = 64 * 1024;

/**
 * Cut anew, all of one size but the last: what a compressor makes of bytes depends on how they come, and how they come out of another
 * one on when it hears of the end.
 */
async function* pieces(content: Content): AsyncGenerator<Uint8Array> {
  let held: Uint8Array[] = [];
  let bytes = 0;
  for await (const piece of content) {
    let rest = typeof piece === 'string' ? Buffer.from(piece) : piece;
    while (bytes + rest.length >= PIECE) {
      const part = rest.subarray(0, PIECE - bytes);
      yield held.length === 0 ? part : Buffer.concat([...held, part]);
      rest = rest.subarray(part.length);
      [held, bytes] = [[], 0];
    }
    if (rest.length === 0) continue;
    held.push(rest);
    bytes += rest.length;
  }
  if (bytes > 0) yield Buffer.concat(held);
}

function summer() {
  const hash = createHash('sha256');
  let bytes = 0;
  return {
    add(piece: Uint8Array) {
      hash.update(piece);
      bytes += piece.length;
    },
    end: () => ({ bytes, sha256: hash.digest('hex') }),
  };
}

/** `.gz` names what is to be compressed by itself; everything else ZIP compresses. */
export async function addFile(zip: ZipWriter, path: string, content: Content): Promise<WrittenFile> {
  const isGzip = path.endsWith('.gz');
  const [inner, outer] = [summer(), summer()];
  async function* counted() {
    for await (const piece of pieces(content)) {
      inner.add(piece);
      yield piece;
    }
  }
  await zip.begin(path, { level: isGzip ? 0 : 6 });
  for await (const piece of isGzip ? pieces(gzipped(counted())) : counted()) {
    outer.add(piece);
    await zip.write(piece);
  }
  const entry = await zip.end();
  const { bytes: contentBytes, sha256: contentSha256 } = inner.end();
  return { entry, ...outer.end(), contentBytes, contentSha256 };
}

/** A stream ends with its source's own error. */
const gzipped = (source: AsyncIterable<Uint8Array>): AsyncIterable<Uint8Array> =>
  // Whoever reads the stream hears of the error; here nothing is left to do.
  pipeline(Readable.from(source), createGzip({ chunkSize: PIECE }), () => {});
