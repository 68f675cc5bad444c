/**
 * Opens an archive that a stranger made. All that its directory alone can give away is refused here, before any file is read;
 * what only a file's own bytes tell (its local header, its data) is refused while it is read: that saves a read for each file.
 */
import { type Entry, fromRandomAccessReaderPromise, type ZipFile as Yauzl } from 'yauzl';
import { ArchiveError } from './archive-error.ts';
import { entryName, isDirectory, refuseClashes } from './entry-names.ts';
import { type Declared, readContents } from './zip-contents.ts';
import { DirectoryReader, type ZipSource } from './zip-source.ts';

export type { ZipSource } from './zip-source.ts';

export interface ZipFile {
  readonly name: string;
  readonly size: number;
  readonly compressedSize: number;
  /** Decompressed. While reading it throws ArchiveError `damaged` if anything is other than the directory says. */
  open(): Promise<AsyncIterable<Uint8Array>>;
}

export interface ZipLimits {
  /** Files and directories. */
  readonly entries: number;
  /** Decompressed, all together. */
  readonly bytes: number;
}

const FILE_TYPE = 0o170000;
const REGULAR = 0o100000;
const DIRECTORY = 0o040000;

/** General purpose bits of what no reader here can read: encryption, patches, masked headers. */
const UNSUPPORTED_FLAGS = (1 << 0) | (1 << 5) | (1 << 6) | (1 << 13);

/**
 * The files in the order of the directory; directory entries (ending in `/`) are left out. Throws ArchiveError; what the source
 * throws passes through.
 */
export async function openZip(source: ZipSource, limits: ZipLimits): Promise<ZipFile[]> {
  const declared = await readDirectory(source, limits);
  refuseClashes(declared.map(({ name }) => name));
  return declared
    .filter(({ name }) => !isDirectory(name))
    .map((file) => ({
      name: file.name,
      size: file.size,
      compressedSize: file.compressedSize,
      open: async () => readContents(source, file),
    }));
}

async function readDirectory(source: ZipSource, limits: ZipLimits): Promise<Declared[]> {
  const reader = new DirectoryReader(source);
  const zip = await fromRandomAccessReaderPromise(reader, source.size, { decodeStrings: false }).catch((error) => {
    throw reader.sourceError ?? archiveError('not-a-zip', error);
  });
  // Types say boolean; before the first entry this is where the directory begins.
  const directoryAt = Number(zip.readEntryCursor);
  if (zip.entryCount > limits.entries) {
    throw new ArchiveError('too-many-files', `The archive has more than ${limits.entries} files.`);
  }
  const entries = await Array.fromAsync(declaredEntries(zip, limits)).catch((error) => {
    if (error instanceof ArchiveError) throw error;
    throw reader.sourceError ?? archiveError('damaged', error);
  });
  return withEnds(entries, directoryAt);
}

async function* declaredEntries(zip: Yauzl, limits: ZipLimits): AsyncGenerator<Omit<Declared, 'end'>> {
  let total = 0;
  for await (const entry of zip.eachEntry()) {
    const name = entryName(entry.fileNameRaw);
    refuseUnsupported(entry, name);
    total += entry.uncompressedSize;
    if (total > limits.bytes) {
      throw new ArchiveError('too-large', `The archive's files have more than ${limits.bytes} bytes.`, name);
    }
    yield {
      name,
      stored: entry.compressionMethod === 0,
      size: entry.uncompressedSize,
      compressedSize: entry.compressedSize,
      crc32: entry.crc32,
      offset: entry.relativeOffsetOfLocalHeader,
    };
  }
}

function refuseUnsupported(entry: Entry, name: string): void {
  const refuse = (what: string) => new ArchiveError('unsupported', `The archive has ${what}.`, name);
  if (entry.generalPurposeBitFlag & UNSUPPORTED_FLAGS) throw refuse('an encrypted or patched file');
  if (entry.compressionMethod !== 0 && entry.compressionMethod !== 8) throw refuse('a file that is not deflated');
  const type = (entry.externalFileAttributes >>> 16) & FILE_TYPE;
  if (type !== 0 && type !== (isDirectory(name) ? DIRECTORY : REGULAR)) throw refuse('a link or another special file');
  if (isDirectory(name) && entry.uncompressedSize > 0) throw refuse('a directory with data');
}

/** Throws ArchiveError `damaged` where the data of an entry must overlap what follows it, even if no local header is longer. */
function withEnds(entries: readonly Omit<Declared, 'end'>[], directoryAt: number): Declared[] {
  const starts = [...new Set(entries.map(({ offset }) => offset))].sort((a, b) => a - b);
  if (starts.length < entries.length) throw new ArchiveError('damaged', 'Two files in the archive are in one place.');
  const ends = new Map(starts.map((start, i) => [start, starts[i + 1] ?? directoryAt]));
  return entries.map((entry) => {
    const end = ends.get(entry.offset) ?? directoryAt;
    if (entry.offset + 30 + Buffer.byteLength(entry.name) + entry.compressedSize > end) {
      throw new ArchiveError('damaged', 'A file reaches into what follows it.', entry.name);
    }
    return { ...entry, end };
  });
}

function archiveError(code: 'not-a-zip' | 'damaged', cause: unknown): ArchiveError {
  if (/encryption|multi-disk/.test(String(cause))) {
    return new ArchiveError('unsupported', 'The archive is encrypted or has several parts.', undefined, { cause });
  }
  const message =
    code === 'damaged' ? "The archive's directory is damaged." : 'This is no ZIP archive, or not all of it.';
  return new ArchiveError(code, message, undefined, { cause });
}
