/** The files of an export's readings, as the job writes them, into an archive that goes nowhere. */
import { once } from 'node:events';
import { createGzip } from 'node:zlib';
import { addFile, type WrittenFile } from '../../../shared/archive/add-file.ts';
import { ZipWriter } from '../../../shared/archive/zip/zip-writer.ts';
import { archiveFiles } from '../../../shared/export/archive-files.ts';
import { BEGINNING } from '../../../shared/export/reading-days.ts';
import type { Million } from './million.ts';

/** `seen`: gets what each file holds. Answers what was written. */
export async function writeReadings(
  { session, owner, end }: Million,
  seen?: (file: string, pieces: readonly Uint8Array[]) => void,
): Promise<WrittenFile[]> {
  const scope = { bucket: owner.bucket };
  const input = { scope, format: 'archive' as const, cut: end + 86_400_000, kinds: ['readings' as const] };
  const zip = new ZipWriter(async () => {}, 0);
  const written: WrittenFile[] = [];
  for await (const { file } of archiveFiles(session, input, { at: 'readings', ...BEGINNING })) {
    if (!file) continue;
    const pieces: Uint8Array[] = [];
    const content = seen ? kept(file.content, pieces) : file.content;
    written.push(await addFile(zip, file.path, content));
    seen?.(file.path, pieces);
  }
  return written;
}

async function* kept(content: AsyncIterable<string | Uint8Array> | Iterable<string | Uint8Array>, into: Uint8Array[]) {
  for await (const piece of content) {
    into.push(Buffer.from(piece));
    yield piece;
  }
}

/** The same bytes through gzip, and nothing else. */
export async function gzipAlone(files: readonly (readonly Uint8Array[])[]): Promise<number> {
  let bytes = 0;
  for (const pieces of files) {
    const gzip = createGzip({ chunkSize: 64 * 1024 });
    gzip.on('data', (piece: Uint8Array) => {
      bytes += piece.length;
    });
    for (const piece of pieces) if (!gzip.write(piece)) await once(gzip, 'drain');
    const ended = once(gzip, 'end');
    gzip.end();
    await ended;
  }
  return bytes;
}
