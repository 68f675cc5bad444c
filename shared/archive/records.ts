/** What is known of what stands in an archive while it is written: kept in an object beside it, one for each step. */
import * as z from 'zod';
import type { WrittenFile } from './add-file.ts';
import type { ZipEntry } from './zip/zip-writer.ts';

export const zipEntry = z.strictObject({
  name: z.string(),
  offset: z.int(),
  size: z.int(),
  compressedSize: z.int(),
  crc32: z.int(),
  large: z.boolean(),
}) satisfies z.ZodType<ZipEntry>;

const fileRecord = z.object({
  kind: z.string(),
  rows: z.number(),
  entry: zipEntry,
  bytes: z.number(),
  sha256: z.string(),
  contentBytes: z.number(),
  contentSha256: z.string(),
});
/** What is known of a file that was written. */
export type FileRecord = WrittenFile & { readonly kind: string; readonly rows: number };

const tableForm = z.object({
  format: z.enum(['csv', 'parquet']),
  description: z.string(),
  /** As the head of the file names them; types are those of Table Schema (Frictionless). */
  fields: z.array(z.object({ name: z.string(), type: z.string() })).readonly(),
});
/** What a table is, whatever its rows. */
export type TableForm = z.output<typeof tableForm>;

const tableRecord = tableForm.extend({ entry: zipEntry, rows: z.int() });
/** What is known of a table that was written. Perhaps by several steps, so that it has no hash but ZIP's. */
export type TableRecord = z.output<typeof tableRecord>;

export const stepRecord = z.object({
  parts: z.array(z.object({ number: z.number(), etag: z.string() })).readonly(),
  files: z.array(fileRecord),
  tables: z.array(tableRecord),
  /** What the step leaves to the next one, and no history of the job may hold. */
  note: z.unknown().optional(),
});
export type StepRecord = z.output<typeof stepRecord>;
