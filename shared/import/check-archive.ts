/**
 * Whether an uploaded archive can be imported: every file has the checksum that the manifest says, every line is what its kind of file
 * holds, and all that something refers to is there. Nothing is made before all of it was looked at.
 */
import { createHash } from 'node:crypto';
import * as z from 'zod';
import { DOCUMENTS } from '../archive/schemas.ts';
import type { ReadingLine } from '../readings/archived-readings.ts';
import { type ArchivePath, archivePath } from './archive-layout.ts';
import { type ArchivedThings, archivedThings } from './archived-things.ts';
import type { Bag } from './bag.ts';
import { wrongDocument, wrongReading } from './check-document.ts';
import { linesOf, parseLine } from './document-lines.ts';
import { refuse } from './import-error.ts';

/** Where the check is. */
export const checkPlace = z.strictObject({
  /** Files that were looked at. */
  files: z.int(),
  /** Bytes that they hold, decompressed. */
  bytes: z.int(),
  readings: z.int(),
});
export type CheckPlace = z.output<typeof checkPlace>;

interface CheckOptions {
  /** Bytes that all files may hold, decompressed. */
  readonly most: number;
  /** Epoch ms. */
  readonly now: number;
  readonly isEnough: () => boolean;
}

/** Looks at files from a place on, until it is enough; answers where it is then. Throws ImportError or ArchiveError. */
export async function checkFiles(
  bag: Bag,
  from: CheckPlace,
  { most, now, isEnough }: CheckOptions,
): Promise<CheckPlace> {
  const things = await archivedThings(bag);
  let { files, bytes, readings } = from;
  for (const file of bag.files.slice(from.files)) {
    const { name } = file;
    const path = archivePath(name);
    if (!path) throw refuse('is no file that an archive of this version has', name);
    const checks = { things, now, account: bag.account };
    const hash = createHash('sha256');
    const taken = (more: number) => {
      bytes += more;
      if (bytes > most) throw refuse('holds more than an archive of this size can hold', name);
    };
    const hashed = pass(await file.open(), (piece) => hash.update(piece));
    if (path.kind === 'description') for await (const piece of hashed) taken(piece.length);
    else readings += await checkLines(hashed, { name, path, taken }, checks);
    if (hash.digest('hex') !== file.sha256) throw refuse('has another checksum than the manifest says', name);
    files += 1;
    if (isEnough()) break;
  }
  return { files, bytes, readings };
}

async function* pass(bytes: AsyncIterable<Uint8Array>, see: (piece: Uint8Array) => void): AsyncGenerator<Uint8Array> {
  for await (const piece of bytes) {
    see(piece);
    yield piece;
  }
}

interface Checks {
  readonly things: ArchivedThings;
  readonly now: number;
  readonly account: string;
}

/** Answers how many readings there are. */
async function checkLines(
  bytes: AsyncIterable<Uint8Array>,
  of: { name: string; path: Exclude<ArchivePath, { kind: 'description' }>; taken: (bytes: number) => void },
  checks: Checks,
): Promise<number> {
  const { name, path, taken } = of;
  if (path.kind === 'readings') checkOwner(name, path, checks.things);
  let count = 0;
  for await (const line of linesOf(bytes, name, taken)) {
    const document = parseLine<z.ZodType>(DOCUMENTS[path.kind], line, name);
    const detail = wrongIn(path, document, checks);
    if (detail !== undefined) throw refuse(detail, name, line.number);
    if (path.kind === 'readings') count += 1;
  }
  return count;
}

function checkOwner(
  name: string,
  { bucket, device }: Extract<ArchivePath, { kind: 'readings' }>,
  { buckets, devices }: ArchivedThings,
): void {
  const source = buckets.get(bucket)?.source;
  const product = devices.get(device);
  if (!source) throw refuse('is of a bucket that the archive doesn’t have', name);
  if (product === undefined) throw refuse('is of a device that the archive doesn’t have', name);
  if ((source.product ?? product) !== product || (source.device ?? device) !== device)
    throw refuse('is of a device that the source of its bucket doesn’t name', name);
}

/** What is wrong with a document, as its schema can't say. */
function wrongIn(path: ArchivePath, document: unknown, { things, now, account }: Checks): string | undefined {
  if (path.kind === 'readings') {
    const stream = things.buckets.get(path.bucket)?.source.stream;
    return wrongReading(document as ReadingLine, { day: path.day, stream, now });
  }
  const members = document as Record<string, unknown>;
  const wrong = wrongDocument(path.kind, members);
  if (wrong !== undefined || path.kind !== 'properties') return wrong;
  const on = String(members.on);
  const isKnown = on === account || things.products.has(on) || things.devices.has(on);
  return isKnown ? undefined : `is on ${on}, which the archive doesn’t have`;
}
