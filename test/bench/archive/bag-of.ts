/** An archive of the bench's account, by the job's own parts, in memory. */

import { addFile } from '../../../shared/archive/add-file.ts';
import { finishBag } from '../../../shared/archive/bag.ts';
import type { FileRecord } from '../../../shared/archive/records.ts';
import type { FileToWrite } from '../../../shared/archive/writing.ts';
import { writeDirectory, ZipWriter } from '../../../shared/archive/zip/zip-writer.ts';
import { ARCHIVE_BEGINNING, archiveFiles } from '../../../shared/export/archive-files.ts';
import { isoTime } from '../../../shared/platform/clock.ts';
import { newId } from '../../../shared/platform/ids.ts';
import type { Million } from './million.ts';

export async function bagOf({ session, owner, end }: Million): Promise<Buffer> {
  const pieces: Uint8Array[] = [];
  const sink = async (bytes: Uint8Array) => void pieces.push(bytes);
  const zip = new ZipWriter(sink, 0);
  const records: FileRecord[] = [];
  const last: FileRecord[] = [];
  const add = async ({ path, kind, content, rows }: FileToWrite) => ({
    kind,
    ...(await addFile(zip, path, content)),
    rows: rows(),
  });
  const cut = end + 86_400_000;
  const kinds = ['products' as const, 'devices' as const, 'buckets' as const, 'readings' as const];
  const input = { scope: { bucket: owner.bucket }, format: 'archive' as const, cut, kinds };
  for await (const { file } of archiveFiles(session, input, ARCHIVE_BEGINNING)) if (file) records.push(await add(file));
  const info = { id: newId('export'), account: session.account, cut: isoTime(cut), coverage: {} };
  const all = async function* () {
    yield* records;
  };
  await finishBag(info, all, async (file) => {
    const record = await add(file);
    last.push(record);
    return record;
  });
  await writeDirectory(
    sink,
    zip.at,
    [...records, ...last].map(({ entry }) => entry),
  );
  return Buffer.concat(pieces);
}
