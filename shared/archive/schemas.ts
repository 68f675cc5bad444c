/** What stands in an archive: the kinds of its files, each with the schema of its lines. */
import type * as z from 'zod';
import { accountDocument } from '../account/archived-account.ts';
import { apiClientDocument } from '../api-client/archived-api-clients.ts';
import { eventDocument } from '../audit/archived-events.ts';
import { bucketDocument } from '../bucket/archived-buckets.ts';
import { connectorDocument } from '../connector/archived-connectors.ts';
import { deviceDocument } from '../device/archived-devices.ts';
import { memberDocument } from '../member/archived-members.ts';
import { productDocument } from '../product/archived-products.ts';
import { propertyDocument } from '../property/archived-properties.ts';
import { readingLine } from '../readings/archived-readings.ts';

/** Counts up when an older release could not read what a newer one writes. */
export const ARCHIVE_VERSION = 1;

/** By kind of file. */
export const DOCUMENTS = {
  account: accountDocument,
  members: memberDocument,
  'api-clients': apiClientDocument,
  products: productDocument,
  devices: deviceDocument,
  properties: propertyDocument,
  buckets: bucketDocument,
  connectors: connectorDocument,
  'audit-events': eventDocument,
  readings: readingLine,
} as const satisfies Record<string, z.ZodObject>;
export type DocumentKind = keyof typeof DOCUMENTS;

/** A Table Schema (Frictionless) of a kind: fields by name and type. */
export const tableSchema = (kind: DocumentKind) => ({
  fields: Object.keys(DOCUMENTS[kind].shape).map((name) => ({ name, type: fieldType(name) })),
  missingValues: [],
});

const TIMES = new Set(['createdAt', 'updatedAt', 'ts', 'receivedAt', 'at']);
const OTHERS: Readonly<Record<string, string>> = {
  value: 'any',
  source: 'object',
  scopes: 'array',
  target: 'array',
  retentionDays: 'integer',
  status: 'integer',
  createDevices: 'boolean',
};
const fieldType = (name: string) => (TIMES.has(name) ? 'datetime' : (OTHERS[name] ?? 'string'));
