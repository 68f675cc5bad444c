/**
 * An import: an archive, or a bucket exported by Thinger.io, brought in with its own times. It is uploaded first, then checked as a
 * whole, then made: what is there already stays as it is, so that the same import again changes nothing.
 */
import * as z from 'zod';
import { timeField } from '../api/fields.ts';
import { ACCOUNT_SCOPES } from '../api/scopes.ts';
import { shownJobSchema } from '../job/job.ts';
import { idSchema } from '../platform/ids.ts';

export const IMPORT_LIFE_MS = 30 * 86_400_000;
export const IMPORT_UNIT = 'files';
/** Bytes of a part of an upload. */
export const PART_BYTES = 100_000_000;
const MOST_BYTES = 2000 * PART_BYTES;

const size = z.int().min(1).max(MOST_BYTES).describe('Bytes of the file.');
const bucket = idSchema('bucket');
const device = idSchema('device');

export const newImport = z
  .discriminatedUnion('format', [
    z.strictObject({ format: z.literal('archive').describe('A ZIP that an export made.'), size }),
    z.strictObject({
      format: z.literal('thinger-csv').describe('A bucket as Thinger.io exports it: CSV with a `ts` or `date` column.'),
      size,
      bucket: bucket.describe('Where its readings go.'),
      device: device.describe('The device that they are of.'),
    }),
  ])
  .meta({ id: 'NewImport', examples: [{ format: 'archive', size: 1_048_576 }] });

export const startImport = z
  .strictObject({ dryRun: z.boolean().optional().describe('Checks everything, and says what would be made.') })
  .meta({ id: 'StartImport', examples: [{ dryRun: true }] });

const source = z.discriminatedUnion('format', [
  z.strictObject({ format: z.literal('archive') }),
  z.strictObject({ format: z.literal('thinger-csv'), bucket, device }),
]);
export type ImportSource = z.output<typeof source>;

/** At rest. */
export const importInput = z.strictObject({
  source,
  size: z.int(),
  /** The upload's name at S3. */
  upload: z.string(),
  dryRun: z.boolean(),
  /** When it was last started, or prepared; epoch ms. */
  startedAt: z.int(),
  /** Of whoever started it. */
  rights: z.array(z.enum(ACCOUNT_SCOPES)),
  /** What isn't dated otherwise arrived then; epoch ms, whole seconds. */
  at: z.int(),
});
export type ImportInput = z.output<typeof importInput>;

const counts = z.object({
  products: z.int(),
  devices: z.int(),
  buckets: z.int(),
  properties: z.int(),
  readings: z.int(),
});
export type Counts = z.output<typeof counts>;
export const NOTHING: Counts = { products: 0, devices: 0, buckets: 0, properties: 0, readings: 0 };

/** What an import has come to. */
export const importReport = z.object({
  created: counts,
  /** There already, and the same. */
  unchanged: counts,
  /** There already, and other: they stay as they are. */
  kept: counts,
  /** Readings that are older than their bucket retains. */
  expired: z.int(),
});
export type ImportReport = z.output<typeof importReport>;

/** What is wrong with a file that was uploaded. */
export const importProblem = z.object({
  file: z.string().optional().describe('Which file of the archive.'),
  line: z.int().optional(),
  detail: z.string(),
});
export type ImportProblem = z.output<typeof importProblem>;

const partField = z.object({
  method: z.literal('PUT'),
  url: z.string().describe('Holds for ten minutes; `GET` the import for others.'),
  headers: z.record(z.string(), z.string()),
  from: z.int().describe('The part’s first byte.'),
  to: z.int().describe('After its last.'),
});

export const shownImport = shownJobSchema(
  'import',
  'Import',
  'A file brought in: an archive, or a bucket of Thinger.io.',
  {
    format: z.enum(['archive', 'thinger-csv']),
    size: z.int(),
    bucket: bucket.optional(),
    device: device.optional(),
    dryRun: z.boolean().optional(),
    expiresAt: timeField.describe('When the file and this record go.'),
    upload: z
      .object({ parts: z.array(partField) })
      .optional()
      .describe('Where to put the file, while it is awaited: each part by a request of its own, in any order.'),
    problem: importProblem.optional().describe('Why the file was refused; nothing was changed then.'),
    report: z
      .object({
        ...importReport.shape,
        notImported: z
          .array(z.object({ what: z.string(), reason: z.string() }))
          .describe('What an archive holds, or a device needs, and an import can’t make.'),
      })
      .optional()
      .describe('Of a dry run: what would have been made.'),
  },
);

export const mappingAddress = z
  .object({ url: z.string(), expiresAt: timeField })
  .meta({ id: 'MappingAddress', examples: [{ url: 'https://…', expiresAt: '2026-03-01T10:10:00.000Z' }] });
