/**
 * An export: an archive, or tables for spreadsheets and DuckDB, of all or a part of an account, made on request for download. It holds
 * what its caller might read at the time of the request, and lives for 30 days.
 */
import * as z from 'zod';
import { timeField, timeInput } from '../api/fields.ts';
import type { AccountScope } from '../api/scopes.ts';
import { DOCUMENTS, type DocumentKind } from '../archive/schemas.ts';
import { shownJobSchema } from '../job/job.ts';
import { exampleId, idSchema } from '../platform/ids.ts';

export const EXPORT_LIFE_MS = 30 * 86_400_000;

const time = timeInput.or(z.number().transform(String).pipe(timeInput)).optional();
const product = idSchema('product');
const device = idSchema('device');
const bucket = idSchema('bucket');

/** One union for whatever takes a part of an account. Times are parsed to epoch milliseconds. */
export const scopeField = z
  .union([
    z.strictObject({ account: z.literal(true) }),
    z.strictObject({ product }),
    z.strictObject({ device }),
    z.strictObject({ bucket, device: device.optional(), from: time, to: time }),
  ])
  .meta({
    id: 'Scope',
    description:
      'The account, a product, a device, or a bucket, of one device or of all; `from` is inclusive, `to` exclusive.',
  });

/** The same as it is shown. */
const shownScope = z.union([
  z.object({ account: z.literal(true) }),
  z.object({ product }),
  z.object({ device }),
  z.object({ bucket, device: device.optional(), from: timeField.optional(), to: timeField.optional() }),
]);

export const FORMATS = ['archive', 'csv', 'parquet'] as const;
const formatField = z
  .enum(FORMATS)
  .describe('`archive`: everything, to be kept or imported; `csv` and `parquet`: the readings, as tables.');

export const newExport = z
  .strictObject({ scope: scopeField, format: formatField, from: time, to: time })
  .refine(({ from, to }) => from === undefined || to === undefined || from < to, {
    path: ['to'],
    message: 'must be later than `from`',
  })
  .meta({
    id: 'NewExport',
    examples: [
      { scope: { account: true }, format: 'archive' },
      { scope: { bucket: exampleId('bucket') }, format: 'csv' },
    ],
  });
export type NewExport = z.output<typeof newExport>;

const range = { from: z.int().optional(), to: z.int().optional() };
/** At rest; times are epoch milliseconds. */
export const exportInput = z.strictObject({
  scope: z.union([
    z.strictObject({ account: z.literal(true) }),
    z.strictObject({ product }),
    z.strictObject({ device }),
    z.strictObject({ bucket, device: device.optional(), ...range }),
  ]),
  format: z.enum(FORMATS),
  ...range,
  /** What was received before it is inside, and nothing else. */
  cut: z.int(),
  /** What the caller might read. */
  kinds: z.array(z.enum(Object.keys(DOCUMENTS) as [DocumentKind, ...DocumentKind[]])),
});
export type ExportInput = z.output<typeof exportInput>;

/** The right to read each kind. */
const NEEDS: Readonly<Record<DocumentKind, AccountScope>> = {
  account: 'account.read',
  members: 'members.read',
  'api-clients': 'api-clients.read',
  products: 'products.read',
  devices: 'devices.read',
  properties: 'account.read',
  buckets: 'buckets.read',
  connectors: 'connectors.read',
  'audit-events': 'audit-events.read',
  readings: 'readings.read',
};

/** Properties are read by whoever reads what carries them: here by who reads all three. */
export function readableKinds(rights: ReadonlySet<AccountScope>): DocumentKind[] {
  const kinds = (Object.keys(NEEDS) as DocumentKind[]).filter((kind) => rights.has(NEEDS[kind]));
  const all = rights.has('products.read') && rights.has('devices.read');
  return all ? kinds : kinds.filter((kind) => kind !== 'properties');
}

export const neededFor = (kind: DocumentKind): AccountScope => NEEDS[kind];

/** What a finished export has come to. */
export const exportReport = z.object({
  bytes: z.int(),
  sha256: z.string(),
  files: z.int(),
  rows: z.int(),
  waiting: z.int(),
});

export const EXPORT_UNIT = 'readings';

export const shownExport = shownJobSchema('export', 'Export', 'An archive, or tables, made for download.', {
  scope: shownScope,
  format: z.enum(FORMATS),
  from: timeField.optional(),
  to: timeField.optional(),
  cut: timeField.describe('What was received before is inside, and nothing that came later.'),
  expiresAt: timeField.describe('Until then it can be downloaded.'),
  file: z
    .object({
      bytes: z.int(),
      sha256: z.string().describe('Of the whole file, in hexadecimal digits.'),
      files: z.int().describe('How many files of data are inside.'),
      rows: z.int().describe('How many lines or rows they have: readings, and what else was exported.'),
    })
    .optional()
    .describe('Absent until it has succeeded.'),
  waitingMessages: z
    .int()
    .optional()
    .describe(
      'Messages of all accounts’ devices that were on their way in at the cut: yours among them are not inside.',
    ),
});

export const downloadAddress = z
  .object({
    url: z.string().describe('Takes a Range; ask again for another when it has ended.'),
    sha256: z.string(),
    expiresAt: timeField,
  })
  .meta({ id: 'DownloadAddress' });
