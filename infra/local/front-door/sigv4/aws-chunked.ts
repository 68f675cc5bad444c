/** Decodes `aws-chunked`: chunks with their sizes, maybe their signatures, then trailing headers. It holds one buffer at a time. */
import { createHash } from 'node:crypto';
import { AwsError } from '../../contract.ts';

export interface ChunkChecks {
  /** Throws unless this is the signature of the next chunk. `hash`: of its content, hexadecimal. */
  chunk(hash: string, signature: string): void;
  /** Throws unless this is the signature of the trailing headers (`name:value\n` each). */
  trailer(text: string, signature: string): void;
}

export interface ChunkedOptions {
  /** Of the payload, in bytes. */
  readonly length: number;
  /** Whether headers follow the payload. */
  readonly trailer: boolean;
  /** Absent: chunks carry no signatures. */
  readonly checks?: ChunkChecks;
}

export interface Chunked {
  readonly bytes: AsyncIterable<Buffer>;
  /** Filled when `bytes` has ended. */
  readonly trailers: ReadonlyMap<string, string>;
}

const MAX_LINE = 16_384;
const MAX_TRAILERS = 32;
const CHUNK_HEAD = /^([0-9a-f]{1,12})(?:;chunk-signature=([0-9a-f]{64}))?$/i;

export function decodeChunks(encoded: AsyncIterable<Buffer>, options: ChunkedOptions): Chunked {
  const trailers = new Map<string, string>();
  return { bytes: decode(new ByteReader(encoded), options, trailers), trailers };
}

async function* decode(
  reader: ByteReader,
  { length, trailer, checks }: ChunkedOptions,
  trailers: Map<string, string>,
): AsyncGenerator<Buffer> {
  try {
    let left = length;
    for (let last = false; !last; ) {
      const [, hexSize, signature] = CHUNK_HEAD.exec(await reader.line()) ?? [];
      if (hexSize === undefined || (checks === undefined) !== (signature === undefined)) throw malformed();
      const size = Number.parseInt(hexSize, 16);
      if (size > left) throw incomplete();
      left -= size;
      last = size === 0;
      const hash = checks && createHash('sha256');
      for await (const bytes of reader.take(size)) {
        hash?.update(bytes);
        yield bytes;
      }
      if (hash && signature !== undefined) checks.chunk(hash.digest('hex'), signature);
      if (!last && (await reader.line()) !== '') throw malformed();
    }
    if (left > 0) throw incomplete();
    await readTrailers(reader, trailer, checks, trailers);
  } finally {
    await reader.close();
  }
}

async function readTrailers(
  reader: ByteReader,
  expected: boolean,
  checks: ChunkChecks | undefined,
  trailers: Map<string, string>,
): Promise<void> {
  let signature: string | undefined;
  for (;;) {
    const line = await reader.line();
    if (line === '') break;
    const [, name = '', value = ''] = /^([^:\s]+):\s*(.*?)\s*$/.exec(line) ?? [];
    if (!expected || name === '' || trailers.size >= MAX_TRAILERS) throw malformed();
    if (name.toLowerCase() === 'x-amz-trailer-signature') signature = value;
    else trailers.set(name.toLowerCase(), value);
  }
  if (!checks || !expected) return;
  checks.trailer([...trailers].map(([name, value]) => `${name}:${value}\n`).join(''), signature ?? '');
}

class ByteReader {
  readonly #source: AsyncIterator<Buffer>;
  #buffer: Buffer = Buffer.alloc(0);

  constructor(source: AsyncIterable<Buffer>) {
    this.#source = source[Symbol.asyncIterator]();
  }

  /** Up to the next CRLF, which is left out. */
  async line(): Promise<string> {
    for (;;) {
      const end = this.#buffer.indexOf('\r\n');
      if (end >= 0) {
        const line = this.#buffer.toString('latin1', 0, end);
        this.#buffer = this.#buffer.subarray(end + 2);
        return line;
      }
      if (this.#buffer.length > MAX_LINE) throw malformed();
      this.#buffer = Buffer.concat([this.#buffer, await this.#more()]);
    }
  }

  async *take(size: number): AsyncGenerator<Buffer> {
    for (let left = size; left > 0; ) {
      if (this.#buffer.length === 0) this.#buffer = await this.#more();
      const bytes = this.#buffer.subarray(0, left);
      this.#buffer = this.#buffer.subarray(bytes.length);
      left -= bytes.length;
      if (bytes.length > 0) yield bytes;
    }
  }

  async close(): Promise<void> {
    await this.#source.return?.();
  }

  async #more(): Promise<Buffer> {
    const { done, value } = await this.#source.next();
    if (done) throw incomplete();
    return value;
  }
}

const incomplete = (): AwsError =>
  new AwsError('IncompleteBody', 'The payload is not as long as x-amz-decoded-content-length says.');
const malformed = (): AwsError => new AwsError('InvalidRequest', 'The payload is no proper aws-chunked encoding.');
