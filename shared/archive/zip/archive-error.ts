/** The one error of this folder that is about an archive, and not about whoever holds its bytes. */

export type ArchiveErrorCode =
  | 'not-a-zip'
  | 'bad-name'
  | 'duplicate-name'
  | 'unsupported'
  | 'too-many-files'
  | 'too-large'
  | 'damaged';

export class ArchiveError extends Error {
  override readonly name = 'ArchiveError';
  readonly code: ArchiveErrorCode;
  /** The entry it is about. Strangers chose it: it may hold anything, but is at most about 1,000 characters long. */
  readonly file?: string;

  constructor(code: ArchiveErrorCode, message: string, file?: string, options?: ErrorOptions) {
    super(message, options);
    this.code = code;
    if (file !== undefined) this.file = file;
  }
}
