/**
 * Readings as tables, in two passes over the rows of each bucket, from any place on. The columns that the first pass finds are named by
 * the customer: no place holds them.
 */
import * as z from 'zod';
import type { TableEntries } from '../archive/table-entries.ts';
import type { AccountSession } from '../platform/account-session.ts';
import { longPass, widePass } from './csv-passes.ts';
import type { ExportInput } from './export.ts';
import { resolveScope } from './export-scope.ts';
import { findingPass, partsPass } from './parquet-passes.ts';
import { BEGINNING, readingDays, readingPlace } from './reading-days.ts';
import type { BeginPass } from './table-pass.ts';
import { ColumnFinder, type FoundColumns } from './tables/columns.ts';

/** After which day of which device of a bucket, in which pass. */
export const tablePlace = readingPlace.extend({
  at: z.literal('tables'),
  pass: z.enum(['first', 'second']),
  /** Of the bucket, those that have ended in this pass. */
  files: z.int(),
});
export type TablePlace = z.output<typeof tablePlace>;
export const TABLES_BEGINNING: TablePlace = { at: 'tables', pass: 'first', files: 0, ...BEGINNING };

const foundColumns = z.object({
  columns: z
    .array(z.object({ path: z.array(z.string()), type: z.enum(['boolean', 'integer', 'number', 'string', 'json']) }))
    .optional(),
}) satisfies z.ZodType<FoundColumns>;

/** What isn't Parquet is CSV. */
const passesOf = ({ format }: ExportInput): Readonly<Record<TablePlace['pass'], BeginPass>> =>
  format === 'parquet' ? { first: findingPass, second: partsPass } : { first: longPass, second: widePass };

export interface TableHands {
  readonly tables: TableEntries;
  /** What the step before has noted. */
  readonly note: unknown;
  /** Asked after each day: whether the step has done enough. */
  readonly isEnough: () => boolean;
}

interface Reached {
  readonly next: TablePlace | { readonly at: 'end' };
  /** For the next step: the columns found of the bucket at hand. */
  readonly note?: FoundColumns;
}

export async function writeTables(
  session: AccountSession,
  input: ExportInput,
  from: TablePlace,
  { tables, note, isEnough }: TableHands,
): Promise<Reached> {
  if (!input.kinds.includes('readings')) return { next: { at: 'end' } };
  const scope = await resolveScope(session, input);
  let place = from;
  let finder = note === undefined ? new ColumnFinder() : ColumnFinder.from(foundColumns.parse(note));

  /** False: it is enough, and there are more rows. */
  async function finishes(begin: BeginPass): Promise<boolean> {
    const { bucket, files } = place;
    const pass = await begin({ tables, bucket, finder, files });
    if (!pass) return true;
    const buckets = scope.buckets.filter(({ id }) => id === bucket);
    const { product, device, day } = place;
    const days = readingDays(
      session,
      { ...scope, buckets },
      { cut: input.cut, after: { bucket, product, device, day } },
    );
    for await (const { place: reached, hours } of days) {
      for await (const { readings } of hours ?? []) {
        await pass.take(readings.map((reading) => ({ ...reading, device: reached.device })));
      }
      await pass.endDay();
      if (isEnough()) {
        await pass.pause();
        place = { ...place, ...reached, files: pass.files };
        return false;
      }
    }
    await pass.end();
    return true;
  }

  // The bucket at hand may be gone meanwhile: what was begun of it ends.
  const begun = from.bucket === '' ? [] : [from.bucket];
  const later = scope.buckets.map(({ id }) => id).filter((id) => id > from.bucket);
  const { first, second } = passesOf(input);
  for (const bucket of [...begun, ...later]) {
    if (bucket !== place.bucket) {
      place = { ...TABLES_BEGINNING, bucket };
      finder = new ColumnFinder();
    }
    if (place.pass === 'first') {
      if (!(await finishes(first))) return { next: place, note: finder.toJSON() };
      place = { ...TABLES_BEGINNING, bucket, pass: 'second' };
      // Also after a bucket without readings: there may be thousands.
      if (isEnough()) return { next: place, note: finder.toJSON() };
    }
    if (!(await finishes(second))) return { next: place, note: finder.toJSON() };
  }
  return { next: { at: 'end' } };
}
