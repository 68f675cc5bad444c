/**
 * A stretch of a deflate stream that another process may have begun, and a third may go on with: it starts without a
 * dictionary and ends at a whole byte, with no block that says "final". On zlib's streams, so that the thread pool does the
 * work while the caller makes the next bytes.
 */
import { constants, createDeflateRaw, type DeflateRaw } from 'node:zlib';

/** An empty block that says "final": what ends a deflate stream made of such stretches. */
export const FINAL_BLOCK: Uint8Array = Uint8Array.of(3, 0);

/** Bytes that may wait for zlib before `write` makes its caller wait. */
const AHEAD = 256 * 1024;

/** zlib's stored blocks (level 0) are no longer than its output buffer. */
const OUTPUT_BUFFER = 64 * 1024;

export class Deflation {
  readonly #zlib: DeflateRaw;
  readonly #ended: Promise<void>;
  #waiting = 0;
  #wake = () => {};

  /** `sink` gets the compressed bytes, which are its own to keep, one call after the other. */
  constructor(level: number, sink: (bytes: Uint8Array) => Promise<void>) {
    this.#zlib = createDeflateRaw({ level, chunkSize: OUTPUT_BUFFER, finishFlush: constants.Z_FULL_FLUSH });
    this.#zlib.on('close', () => this.#wake());
    this.#ended = this.#drainTo(sink);
    this.#ended.catch(() => {}); // `write` or `end` tell
  }

  /** Resolves when more may come; `bytes` must stay as they are until `end`. Rejects as the sink did. */
  write(bytes: Uint8Array): Promise<void> {
    this.#waiting += bytes.length;
    this.#zlib.write(bytes, () => {
      this.#waiting -= bytes.length;
      this.#wake();
    });
    return this.#untilWaiting(AHEAD);
  }

  /** Resolves when the sink has everything. Rejects as the sink did. */
  async end(): Promise<void> {
    // First all that was written: how zlib cuts stored blocks would depend on when it hears of the end.
    await this.#untilWaiting(0);
    this.#zlib.end();
    await this.#ended;
  }

  async #untilWaiting(most: number): Promise<void> {
    while (this.#waiting > most && !this.#zlib.destroyed) {
      await new Promise<void>((resolve) => {
        this.#wake = resolve;
      });
    }
    if (this.#zlib.destroyed) await this.#ended;
  }

  async #drainTo(sink: (bytes: Uint8Array) => Promise<void>): Promise<void> {
    // A sink that throws leaves the loop, which destroys the stream.
    for await (const bytes of this.#zlib as AsyncIterable<Buffer<ArrayBuffer>>) {
      // A few bytes shouldn't keep the whole output buffer alive in a sink that collects.
      await sink(bytes.length * 4 < bytes.buffer.byteLength ? Buffer.from(bytes) : bytes);
    }
  }
}
