/** Where a stranger's archive lies, and how yauzl reads its directory there: in few reads, whatever the number of entries. */
import { RandomAccessReader } from 'yauzl';

/** Bytes of an archive that lies elsewhere. */
export interface ZipSource {
  readonly size: number;
  /** `end` is exclusive. */
  read(start: number, end: number): Promise<AsyncIterable<Uint8Array>>;
}

/** Bytes of one read. yauzl asks for an entry in two reads of some 50 bytes each. */
const WINDOW = 1024 * 1024;

type Callback = (error: Error | null, bytesRead?: number) => void;

/** Holds one window of the source at a time; the first one, at the end, holds all of a small archive. */
export class DirectoryReader extends RandomAccessReader {
  /** What the source threw, which says nothing about the archive. */
  sourceError: unknown;
  readonly #source: ZipSource;
  #start = 0;
  #window: Buffer = Buffer.alloc(0);

  constructor(source: ZipSource) {
    super();
    this.#source = source;
  }

  override read(target: Buffer, offset: number, length: number, position: number, done: Callback): void {
    this.#holding(position, length).then(
      (window) => {
        window.copy(target, offset, position - this.#start, position - this.#start + length);
        done(null, length);
      },
      (error) => done(error),
    );
  }

  async #holding(position: number, length: number): Promise<Buffer> {
    const { size } = this.#source;
    if (position + length > size) throw new Error('The archive ends early.');
    if (position < this.#start || position + length > this.#start + this.#window.length) {
      const start = Math.min(position, Math.max(0, size - WINDOW));
      const end = Math.min(size, Math.max(position + length, start + WINDOW));
      this.#window = await readAll(this.#source, start, end).catch((error) => {
        this.sourceError = error;
        throw error;
      });
      this.#start = start;
    }
    return this.#window;
  }
}

async function readAll(source: ZipSource, start: number, end: number): Promise<Buffer> {
  const chunks: Uint8Array[] = [];
  let size = 0;
  for await (const chunk of await source.read(start, end)) {
    chunks.push(chunk);
    size += chunk.length;
  }
  if (size !== end - start) throw new Error(`The source gave ${size} bytes instead of ${end - start}.`);
  return Buffer.concat(chunks);
}
