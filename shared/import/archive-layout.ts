/** Which file of an archive is what, by its path. Pure. */
import type { DocumentKind } from '../archive/schemas.ts';
import { idSchema } from '../platform/ids.ts';

export type ArchivePath =
  | { readonly kind: Exclude<DocumentKind, 'readings'> }
  | { readonly kind: 'readings'; readonly bucket: string; readonly device: string; readonly day: string }
  /** Describes the others. */
  | { readonly kind: 'description' };

const DOCUMENTS: ReadonlyMap<string, Exclude<DocumentKind, 'readings'>> = new Map([
  ['data/account.json', 'account'],
  ['data/members.ndjson', 'members'],
  ['data/api-clients.ndjson', 'api-clients'],
  ['data/connectors.ndjson', 'connectors'],
  ['data/products.ndjson', 'products'],
  ['data/devices.ndjson', 'devices'],
  ['data/properties.ndjson', 'properties'],
  ['data/buckets.ndjson', 'buckets'],
]);
const DESCRIPTION = /^data\/(?:coverage\.json|datapackage\.json|schemas\/[a-z-]+\.json)$/;
const AUDIT = /^data\/audit\/\d{4}-\d{2}\.ndjson\.gz$/;
const READINGS = /^data\/readings\/([^/]+)\/([^/]+)\/(\d{4}-\d{2}-\d{2})\.ndjson\.gz$/;

/** `undefined`: no file of an archive of this version. */
export function archivePath(name: string): ArchivePath | undefined {
  const document = DOCUMENTS.get(name);
  if (document) return { kind: document };
  if (DESCRIPTION.test(name)) return { kind: 'description' };
  if (AUDIT.test(name)) return { kind: 'audit-events' };
  const [, bucket = '', device = '', day = ''] = READINGS.exec(name) ?? [];
  const isOfIds = idSchema('bucket').safeParse(bucket).success && idSchema('device').safeParse(device).success;
  return isOfIds && isDay(day) ? { kind: 'readings', bucket, device, day } : undefined;
}

function isDay(day: string): boolean {
  const at = Date.parse(`${day}T00:00:00Z`);
  return !Number.isNaN(at) && new Date(at).toISOString().slice(0, 10) === day;
}
