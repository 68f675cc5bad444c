/** Rows of a Thinger.io bucket into a bucket of here: all of them are looked at before the first is written. */
import * as z from 'zod';
import { readObject } from '../archive/objects.ts';
import { collects } from '../bucket/bucket.ts';
import { findBucket } from '../bucket/find-bucket.ts';
import { findDevice } from '../device/find-device.ts';
import type { AccountSession } from '../platform/account-session.ts';
import type { Row } from '../readings/codec/block.ts';
import { importReadings } from '../readings/import-readings.ts';
import { type ImportInput, importReport } from './import.ts';
import { refuse } from './import-error.ts';
import { uploadName } from './import-objects.ts';
import { readThingerCsv, type ThingerRow } from './thinger-csv.ts';
import { ThingerCsvError } from './thinger-csv-cells.ts';

export const rowsPlace = z.strictObject({ checked: z.boolean(), rows: z.int(), report: importReport });
type RowsPlace = z.output<typeof rowsPlace>;

interface Source {
  readonly session: AccountSession;
  readonly job: string;
  readonly input: ImportInput;
  /** Epoch ms. */
  readonly now: number;
}

const AHEAD_MS = 86_400_000;
/** Readings that are held until they are written. */
const MOST_ROWS = 50_000;
/** Of a bucket that collects every stream. */
const STREAM = 'telemetry';

async function* rowsOf({ session, job }: Source): AsyncGenerator<ThingerRow> {
  try {
    yield* readThingerCsv(await readObject(session, uploadName(session.account, job)));
  } catch (error) {
    if (error instanceof ThingerCsvError) throw refuse(error.message, undefined, error.line);
    throw error;
  }
}

export async function checkRows(source: Source, at: RowsPlace): Promise<RowsPlace | undefined> {
  let rows = 0;
  for await (const { ts, line } of rowsOf(source)) {
    if (ts > source.now + AHEAD_MS) throw refuse('The time is more than 24 hours ahead.', undefined, line);
    rows += 1;
  }
  await target(source);
  if (!source.input.dryRun) return { ...at, checked: true };
  // Nothing is compared with what the bucket holds.
  const { created } = at.report;
  return { checked: true, rows, report: { ...at.report, created: { ...created, readings: rows } } };
}

/** Where the rows go. Throws where the bucket doesn't take what the device sends. */
async function target({ session, input }: Source) {
  const { source } = input;
  if (source.format !== 'thinger-csv') throw new Error('Rows of what is no CSV.');
  const { plain: bucket } = await findBucket(session, source.bucket);
  const { plain: device } = await findDevice(session, source.device);
  const stream = bucket.source.stream ?? STREAM;
  if (!collects(bucket.source, { product: device.product, device: device.id, stream }))
    throw refuse('The device is not one that the source of the bucket names.');
  return { bucket: bucket.id, device: device.id, product: device.product, stream };
}

/** The next rows; `undefined`: there are no more. */
export async function importRows(
  source: Source,
  at: RowsPlace,
  isEnough: () => boolean,
): Promise<RowsPlace | undefined> {
  if (source.input.dryRun) return undefined;
  const { product, ...of } = await target(source);
  let { report } = at;
  let seen = 0;
  let rows: Row[] = [];
  const flush = async () => {
    const imported = [{ ...of, rows, isOwn: false }];
    const { created, expired } = await importReadings(source.session, product, { imported, now: source.now });
    const unchanged = rows.length - created - expired;
    report = {
      ...report,
      created: { ...report.created, readings: report.created.readings + created },
      unchanged: { ...report.unchanged, readings: report.unchanged.readings + unchanged },
      expired: report.expired + expired,
    };
    rows = [];
  };
  for await (const { ts, value } of rowsOf(source)) {
    seen += 1;
    if (seen <= at.rows) continue;
    rows.push({ ts, receivedAt: source.input.at, value });
    if (rows.length < MOST_ROWS) continue;
    await flush();
    if (isEnough()) return { ...at, rows: seen, report };
  }
  if (rows.length > 0) await flush();
  return at.rows === seen ? undefined : { ...at, rows: seen, report };
}
