/** Brings in the readings of an archive, file by file, from any place on; those of some files together, so that few writes suffice. */
import { DOCUMENTS } from '../archive/schemas.ts';
import { collects } from '../bucket/bucket.ts';
import type { AccountSession } from '../platform/account-session.ts';
import type { Row } from '../readings/codec/block.ts';
import { type ImportedRows, importReadings } from '../readings/import-readings.ts';
import { archivePath } from './archive-layout.ts';
import type { Bag } from './bag.ts';
import { linesOf, parseLine } from './document-lines.ts';
import { idsOfHere } from './ids-of-here.ts';

/** Readings that are held until they are written. */
const MOST_ROWS = 50_000;
const nothing = () => {};

export interface ReadingsDone {
  /** Files of the bag that are done with. */
  readonly files: number;
  readonly created: number;
  readonly unchanged: number;
  /** Of a bucket that is there and collects from something else: it stays as it is. */
  readonly kept: number;
  readonly expired: number;
  readonly isAll: boolean;
}

interface Waiting {
  readonly product: string;
  readonly imported: ImportedRows[];
  count: number;
}

export async function createReadings(
  session: AccountSession,
  bag: Bag,
  { run, from, now, isEnough }: { run: string; from: number; now: number; isEnough: () => boolean },
): Promise<ReadingsDone> {
  const here = idsOfHere(session);
  const done = { created: 0, unchanged: 0, kept: 0, expired: 0 };
  let waiting = new Map<string, Waiting>();
  let rows = 0;
  const flush = async () => {
    for (const { product, imported, count } of waiting.values()) {
      const { created, expired } = await importReadings(session, product, { imported, now });
      done.created += created;
      done.expired += expired;
      done.unchanged += count - created - expired;
    }
    [waiting, rows] = [new Map(), 0];
  };
  let files = from;
  for (const file of bag.files.slice(from)) {
    const path = archivePath(file.name);
    if (path?.kind === 'readings') {
      const [device, bucket] = [await here.device(path.device), await here.bucket(path.bucket)];
      // Whoever deletes one of them meanwhile wants no readings of it.
      if (device && bucket) {
        // What this import has made holds nothing but what it has brought in.
        const isOwn = device.by === run || bucket.by === run;
        const own = waiting.get(device.product) ?? { product: device.product, imported: [], count: 0 };
        waiting.set(device.product, own);
        for (const [stream, of] of await rowsOf(file, file.name)) {
          if (!collects(bucket.source, { product: device.product, device: device.id, stream })) {
            done.kept += of.length;
            continue;
          }
          own.imported.push({ bucket: bucket.id, device: device.id, stream, rows: of, isOwn });
          own.count += of.length;
          rows += of.length;
        }
      }
    }
    files += 1;
    const enough = isEnough();
    if (rows >= MOST_ROWS || enough) await flush();
    if (enough) return { files, ...done, isAll: files === bag.files.length };
  }
  await flush();
  return { files, ...done, isAll: true };
}

/** By stream. A day of a device is held whole: as much as its blocks are, when they are written. */
async function rowsOf(file: Bag['files'][number], name: string): Promise<Map<string, Row[]>> {
  const streams = new Map<string, Row[]>();
  for await (const line of linesOf(await file.open(), name, nothing)) {
    const { ts, receivedAt, stream, value } = parseLine(DOCUMENTS.readings, line, name);
    const rows = streams.get(stream) ?? [];
    streams.set(stream, rows);
    rows.push({ ts: Date.parse(ts), receivedAt: Date.parse(receivedAt), value });
  }
  return streams;
}
