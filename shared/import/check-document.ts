/** What is wrong with a document of an archive that its schema can't say: limits of whoever makes such things by the API. Pure. */
import * as z from 'zod';
import { parseIsoTime } from '../api/fields.ts';
import { newBucket } from '../bucket/bucket.ts';
import { newDevice } from '../device/device.ts';
import { stringifyJson } from '../platform/json-value.ts';
import { newProduct } from '../product/product.ts';
import type { PropertyDocument } from '../property/archived-properties.ts';
import type { ReadingLine } from '../readings/archived-readings.ts';
import { MOST_VALUE_BYTES } from '../readings/check-readings.ts';
import { issueText } from './document-lines.ts';

const AHEAD_MS = 86_400_000;
const SECOND = 1000;
/** Of a property's value as JSON: what an item holds beside name and keys. Numbers may have become longer than they came. */
const MOST_PROPERTY_BYTES = 384 * 1024;

/** Documents have ids and times, too. */
const LIMITS: Readonly<Record<string, z.ZodType>> = {
  products: z.object(newProduct.shape),
  devices: z.object(newDevice.shape),
  buckets: z.object(newBucket.shape),
};
const TIMES = ['createdAt', 'updatedAt', 'at'] as const;

/** `undefined`: nothing. */
export function wrongDocument(kind: string, document: Readonly<Record<string, unknown>>): string | undefined {
  for (const name of TIMES) {
    if (name in document && parseIsoTime(String(document[name])) === undefined) return `${name} is no time`;
  }
  if (kind === 'properties') return wrongProperty(document as PropertyDocument);
  const [issue] = LIMITS[kind]?.safeParse(document).error?.issues ?? [];
  return issue && issueText(issue);
}

const wrongProperty = ({ value }: PropertyDocument): string | undefined =>
  Buffer.byteLength(stringifyJson(value as ReadingLine['value'])) > MOST_PROPERTY_BYTES
    ? `value has more than ${MOST_PROPERTY_BYTES} bytes`
    : undefined;

export function wrongReading(
  reading: ReadingLine,
  { day, stream, now }: { day: string; stream: string | undefined; now: number },
): string | undefined {
  const at = parseIsoTime(reading.ts);
  const arrived = parseIsoTime(reading.receivedAt);
  if (at === undefined || at < 0) return 'ts is no time, or one before 1970';
  if (at > now + AHEAD_MS) return 'ts is more than 24 hours ahead';
  if (new Date(at).toISOString().slice(0, 10) !== day) return 'ts is not of the day of the file';
  if (arrived === undefined || arrived % SECOND !== 0) return 'receivedAt is no time to the second';
  if (stream !== undefined && reading.stream !== stream) return 'stream is not one that the source of the bucket names';
  return Buffer.byteLength(stringifyJson(reading.value)) > MOST_VALUE_BYTES
    ? `value has more than ${MOST_VALUE_BYTES} bytes`
    : undefined;
}
