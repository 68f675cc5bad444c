import type { AwsResponse } from '../../../contract.ts';
import { onBucket } from '../permissions.ts';
import { invalidArgument, notServed } from '../protocol/errors.ts';
import { afterAll, justAfter } from '../protocol/key-order.ts';
import { type Members, xmlResponse } from '../protocol/xml.ts';
import type { Planner, S3 } from '../s3-room.ts';
import type { ListedObject } from '../store.ts';

const MAX_KEYS = 1000;

export const listObjects: Planner = (s3, request) => {
  const { bucket, query } = request;
  if (query.get('list-type') !== '2') throw notServed('ListObjects in its first version: use ListObjectsV2');
  return {
    demands: [onBucket(s3, request, 'ListBucket')],
    run(): AwsResponse {
      const prefix = query.get('prefix') ?? '';
      const delimiter = query.get('delimiter') ?? '';
      const startAfter = query.get('start-after') ?? undefined;
      const token = query.get('continuation-token') ?? undefined;
      const limit = readLimit(query.get('max-keys'));
      const from = token === undefined ? (startAfter === undefined ? '' : justAfter(startAfter)) : readToken(token);
      const { objects, prefixes, next } = page(s3, bucket.name, { prefix, delimiter, limit, from });
      const encode = encoder(query.get('encoding-type'));
      return xmlResponse('ListBucketResult', {
        Name: bucket.name,
        Prefix: encode(prefix),
        Delimiter: delimiter === '' ? undefined : encode(delimiter),
        StartAfter: startAfter === undefined ? undefined : encode(startAfter),
        EncodingType: query.get('encoding-type') ?? undefined,
        MaxKeys: limit,
        KeyCount: objects.length + prefixes.length,
        IsTruncated: next !== undefined,
        ContinuationToken: token,
        NextContinuationToken: next && Buffer.from(next).toString('base64url'),
        Contents: objects.map((object) => contents(object, encode)),
        CommonPrefixes: prefixes.map((one) => ({ Prefix: encode(one) })),
      });
    },
  };
};

const contents = ({ key, modified, etag, size }: ListedObject, encode: (key: string) => string): Members => ({
  Key: encode(key),
  LastModified: new Date(modified).toISOString(),
  ETag: `"${etag}"`,
  Size: size,
  StorageClass: 'STANDARD',
});

interface Page {
  readonly objects: readonly ListedObject[];
  readonly prefixes: readonly string[];
  /** Where the next page starts; absent on the last one. */
  readonly next: string | undefined;
}

interface PageRequest {
  readonly prefix: string;
  readonly delimiter: string;
  readonly limit: number;
  /** The first key that counts, or a place between keys. */
  readonly from: string;
}

/** A common prefix is one entry: what shares it is skipped, not read. */
function page({ store }: S3, bucket: string, { prefix, delimiter, limit, from }: PageRequest): Page {
  const objects: ListedObject[] = [];
  const prefixes: string[] = [];
  if (limit === 0) return { objects, prefixes, next: undefined };
  let place: string | undefined = Buffer.compare(Buffer.from(from), Buffer.from(prefix)) > 0 ? from : prefix;
  while (place !== undefined) {
    const room: number = limit - objects.length - prefixes.length;
    const rows = store.objectsFrom(bucket, place, room + 1);
    place = undefined;
    for (const row of rows) {
      if (!row.key.startsWith(prefix)) return { objects, prefixes, next: undefined };
      if (objects.length + prefixes.length >= limit) return { objects, prefixes, next: row.key };
      const end = delimiter === '' ? -1 : row.key.indexOf(delimiter, prefix.length);
      if (end >= 0) {
        const common = row.key.slice(0, end + delimiter.length);
        prefixes.push(common);
        place = afterAll(common);
        break;
      }
      objects.push(row);
    }
  }
  return { objects, prefixes, next: undefined };
}

function readLimit(text: string | null): number {
  if (text === null) return MAX_KEYS;
  if (!/^\d{1,10}$/.test(text)) throw invalidArgument('Provided max-keys not an integer', 'max-keys', text);
  return Math.min(Number(text), MAX_KEYS);
}

function readToken(token: string): string {
  const place = Buffer.from(token, 'base64url');
  if (place.length === 0 || place.toString('base64url') !== token)
    throw invalidArgument('The continuation token provided is incorrect', 'continuation-token', token);
  return place.toString('utf8');
}

/** Keys that XML can't hold are sent percent-encoded to those who ask for it. */
function encoder(type: string | null): (key: string) => string {
  if (type === null) return (key) => key;
  if (type !== 'url') throw invalidArgument('Invalid Encoding Method specified in Request', 'encoding-type', type);
  return (key) => encodeURIComponent(key).replaceAll('%2F', '/');
}
