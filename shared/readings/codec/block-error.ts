/** Bytes that are no block. `unknown-version`: written by a newer release, or never a block at all. */
export class BlockError extends Error {
  override readonly name = 'BlockError';
  readonly code: 'unknown-version' | 'corrupt';

  constructor(code: 'unknown-version' | 'corrupt', message: string, options?: ErrorOptions) {
    super(message, options);
    this.code = code;
  }
}

export function corrupt(message: string): never {
  throw new BlockError('corrupt', `Corrupt block: ${message}`);
}
