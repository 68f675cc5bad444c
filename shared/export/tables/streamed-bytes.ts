/** The byte sink of a Parquet file: what a row group became is handed on and forgotten, and the next one waits for it. */
import { ByteWriter } from 'hyparquet-writer';

export class StreamedBytes extends ByteWriter {
  readonly #write: (bytes: Uint8Array) => Promise<void>;

  constructor(write: (bytes: Uint8Array) => Promise<void>) {
    super();
    this.#write = write;
  }

  /** The library calls it after each row group. The bytes are a copy, which the receiver may keep. */
  async flush(): Promise<void> {
    const bytes = this.getBytes().slice();
    this.index = 0;
    await this.#write(bytes);
  }

  /** The library calls it after the footer. */
  override finish(): Promise<void> {
    return this.flush();
  }
}
