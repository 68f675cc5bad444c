/**
 * A ZIP written in steps, perhaps by different processes: what a step needs of the one before is a few numbers, plain JSON.
 * Memory stays constant, whatever an entry's size. Nothing can be sought or patched, so an entry's sizes follow its data.
 */
import { crc32 } from 'node:zlib';
import { ArchiveError } from './archive-error.ts';
import { Deflation, FINAL_BLOCK } from './deflation.ts';
import { centralHeader, dataDescriptor, endOfDirectory, localHeader, MAX_32, type ZipEntry } from './zip-format.ts';

export type { ZipEntry } from './zip-format.ts';

/** Where the archive goes. Called one after the other; the bytes are its own to keep. */
export type Sink = (bytes: Uint8Array) => Promise<void>;

/** An entry that goes on in a later step: as far as it was written. Plain JSON. */
export type OpenEntry = ZipEntry;

const DEFAULT_LEVEL = 6;

/** Bytes of the directory that are collected before the sink gets them. */
const DIRECTORY_CHUNK = 64 * 1024;

/** One entry after the other. When the sink rejects, what was called rejects likewise, and the writer is of no more use. */
export class ZipWriter {
  readonly #sink: Sink;
  #at: number;
  #entry: { -readonly [K in keyof ZipEntry]: ZipEntry[K] } | undefined;
  #level: number;
  /** Made with an entry's first bytes. */
  #deflation: Deflation | undefined;

  /** `at`: bytes of the archive that are written already; `open`: the entry to go on with, and from here on at which level. */
  constructor(sink: Sink, at: number, open?: OpenEntry, options: { level?: number } = {}) {
    this.#sink = sink;
    this.#at = at;
    this.#entry = open && { ...open };
    this.#level = options.level ?? DEFAULT_LEVEL;
  }

  /** Bytes of the archive that the sink has; while an entry is open, more may be on their way. */
  get at(): number {
    return this.#at;
  }

  /**
   * `level`: 0 for what is compressed already, up to 9; 6 unless said. `large`: the entry may pass 4 GiB, which has to be known
   * before. Throws a RangeError for a name that is empty or longer than 65,535 bytes.
   */
  async begin(name: string, options: { level?: number; large?: boolean } = {}): Promise<void> {
    if (this.#entry) throw new TypeError('An entry is open already.');
    const { level = DEFAULT_LEVEL, large = false } = options;
    const header = localHeader(name, large);
    this.#level = level;
    this.#entry = { name, offset: this.#at, size: 0, compressedSize: 0, crc32: 0, large };
    await this.#put(header);
  }

  /**
   * Best in pieces of some 64 KB. Resolves when more may come; `bytes` must stay as they are until the entry ends or pauses.
   * Throws ArchiveError `too-large` where an entry that wasn't begun as `large` passes what its fields can say.
   */
  async write(bytes: Uint8Array): Promise<void> {
    const entry = this.#openEntry();
    if (bytes.length === 0) return;
    entry.size += bytes.length;
    this.#check();
    this.#deflation ??= new Deflation(this.#level, (compressed) => this.#putCompressed(compressed));
    const more = this.#deflation.write(bytes);
    entry.crc32 = crc32(bytes, entry.crc32); // while another thread compresses
    await more;
  }

  /** Ends the entry. Resolves when the sink has all of it. */
  async end(): Promise<ZipEntry> {
    const entry = this.#openEntry();
    await this.#endDeflation();
    await this.#putCompressed(FINAL_BLOCK);
    await this.#put(dataDescriptor(entry));
    this.#entry = undefined;
    return { ...entry };
  }

  /**
   * Resolves when the sink has all that was written; another writer, in another process, goes on with the answer and with `at`
   * as it is from then on.
   */
  async pause(): Promise<OpenEntry> {
    const entry = this.#openEntry();
    await this.#endDeflation();
    this.#entry = undefined;
    return { ...entry };
  }

  #openEntry() {
    if (!this.#entry) throw new TypeError('No entry is open.');
    return this.#entry;
  }

  async #endDeflation(): Promise<void> {
    await this.#deflation?.end();
    this.#deflation = undefined;
  }

  async #putCompressed(bytes: Uint8Array): Promise<void> {
    this.#openEntry().compressedSize += bytes.length;
    this.#check();
    await this.#put(bytes);
  }

  async #put(bytes: Uint8Array): Promise<void> {
    await this.#sink(bytes);
    this.#at += bytes.length;
  }

  #check(): void {
    const { name, size, compressedSize, large } = this.#openEntry();
    if (large || (size <= MAX_32 && compressedSize <= MAX_32)) return;
    throw new ArchiveError('too-large', 'The entry passes 4 GiB, and was not begun as a large one.', name);
  }
}

/** Central directory and end record of the entries, in their order, at `at`. Answers the bytes of the whole archive. */
export async function writeDirectory(
  sink: Sink,
  at: number,
  entries: AsyncIterable<ZipEntry> | Iterable<ZipEntry>,
): Promise<number> {
  let count = 0;
  let size = 0;
  let pending: Buffer[] = [];
  let pendingSize = 0;
  const flush = async () => {
    await sink(Buffer.concat(pending));
    pending = [];
    pendingSize = 0;
  };
  for await (const entry of entries) {
    const header = centralHeader(entry);
    pending.push(header);
    pendingSize += header.length;
    size += header.length;
    count++;
    if (pendingSize >= DIRECTORY_CHUNK) await flush();
  }
  const end = endOfDirectory({ count, at, size });
  pending.push(end);
  await flush();
  return at + size + end.length;
}
