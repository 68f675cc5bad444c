/** Headers that an object keeps, and those that S3 itself understands: any other `x-amz-` header is refused, not overheard. */
import { AwsError } from '../../../contract.ts';
import { accessDenied, invalidArgument, notServed } from './errors.ts';
import type { Headers } from './s3-request.ts';

const KEPT: ReadonlySet<string> = new Set([
  'cache-control',
  'content-disposition',
  'content-encoding',
  'content-language',
  'content-type',
  'expires',
]);
const MAX_METADATA_BYTES = 2048;
const DEFAULT_TYPE = 'binary/octet-stream';

/** Of a request that makes an object. */
export function keptHeaders(headers: Headers): Record<string, string> {
  const kept: Record<string, string> = { 'content-type': DEFAULT_TYPE };
  let metadata = 0;
  for (const [name, value] of Object.entries(headers)) {
    if (name.startsWith('x-amz-meta-')) {
      metadata += Buffer.byteLength(name.slice('x-amz-meta-'.length) + value);
      kept[name] = value;
    } else if (KEPT.has(name)) kept[name] = value;
  }
  if (metadata > MAX_METADATA_BYTES)
    throw new AwsError('MetadataTooLarge', 'Your metadata headers exceed the maximum allowed metadata size');
  // `aws-chunked` is how the request came, and not what the object is.
  const encodings = (kept['content-encoding'] ?? '').split(',').map((one) => one.trim());
  const encoding = encodings.filter((one) => one !== '' && one !== 'aws-chunked').join(',');
  delete kept['content-encoding'];
  return encoding === '' ? kept : { ...kept, 'content-encoding': encoding };
}

/** A reader may have them sent otherwise, in the query (`response-content-disposition`). */
export function overridden(query: URLSearchParams): Record<string, string> {
  const found: Record<string, string> = {};
  for (const [name, value] of query) {
    const header = name.replace(/^response-/, '');
    if (header !== name && KEPT.has(header)) found[header] = value;
  }
  return found;
}

const UNDERSTOOD: readonly RegExp[] = [
  /^x-amz-(date|security-token|content-sha256|user-agent|decoded-content-length|trailer|sdk-.+)$/,
  /^x-amz-(meta-.+|checksum-.+|mp-object-size)$/,
  /^x-amz-copy-source(-range|-if-(none-)?match|-if-(un)?modified-since)?$/,
  /^x-amz-server-side-encryption(-aws-kms-key-id|-bucket-key-enabled)?$/,
];
/** Understood where they say what holds anyway. */
const ONLY: Readonly<Record<string, string>> = {
  // Objects belong to the bucket's owner and have no ACLs (BucketOwnerEnforced).
  'x-amz-acl': 'bucket-owner-full-control',
  'x-amz-storage-class': 'STANDARD',
  'x-amz-tagging-directive': 'COPY',
};

export function checkHeaders(headers: Headers, account: string): void {
  for (const [name, value] of Object.entries(headers)) {
    if (!name.startsWith('x-amz-') || UNDERSTOOD.some((pattern) => pattern.test(name))) continue;
    if (name === 'x-amz-expected-bucket-owner' || name === 'x-amz-source-expected-bucket-owner') {
      if (value !== account) throw accessDenied(`The bucket belongs to ${account}`);
    } else if (name === 'x-amz-metadata-directive') {
      if (value !== 'COPY' && value !== 'REPLACE') throw invalidArgument('Unknown metadata directive.', name, value);
    } else if (ONLY[name] !== value) throw notServed(`${name}: ${value}`);
  }
}
