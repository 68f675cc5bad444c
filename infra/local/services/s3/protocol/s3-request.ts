/** A request to S3, with bucket and key found, in whichever of the two styles it was sent. */
import { AwsError, type AwsRequest, type BodyStream, type RequestHead } from '../../../contract.ts';

export type Headers = Readonly<Record<string, string>>;

export interface S3Request {
  readonly method: string;
  /** A bucket's name, which need not exist. */
  readonly bucket: string;
  /** Empty for the bucket itself. */
  readonly key: string;
  readonly query: URLSearchParams;
  /** Lower-case names. Those of a presigned URL's query are among them. */
  readonly headers: Headers;
  readonly stream: BodyStream;
  readonly presigned: boolean;
}

export interface Address {
  readonly bucket: string;
  readonly key: string;
}

/** The signature's own part of a presigned URL. */
const SIGNATURE_PARAMETERS: ReadonlySet<string> = new Set(
  ['algorithm', 'credential', 'date', 'expires', 'signedheaders', 'signature', 'security-token', 'content-sha256'].map(
    (name) => `x-amz-${name}`,
  ),
);
/** `{bucket}.localhost`, `{bucket}.s3.{region}.amazonaws.com`; an IP address has no names below it. */
const VIRTUAL_HOST = /^([a-z0-9][a-z0-9.-]+)\.(?:localhost|s3[.-][a-z0-9-]+\.amazonaws\.com)(?::\d+)?$/i;
const MAX_KEY_BYTES = 1024;

export function readRequest({ stream, ...head }: AwsRequest): S3Request {
  if (!stream) throw new Error('S3 wants payloads as streams');
  const { bucket, key } = readAddress(head);
  if (Buffer.byteLength(key) > MAX_KEY_BYTES) throw new AwsError('KeyTooLongError', 'Your key is too long');
  const query = new URLSearchParams(targetOf(head).split('?').slice(1).join('?'));
  const presigned = query.has('X-Amz-Signature');
  const headers = presigned ? { ...headersInQuery(query), ...head.headers } : head.headers;
  return { method: head.method, bucket, key, query, headers, stream, presigned };
}

/** The path is taken as sent: S3's keys may hold dots and double slashes, which a URL would resolve. */
export function readAddress(head: RequestHead): Address {
  const path = (targetOf(head).split('?')[0] ?? '').slice(1);
  const [, virtual] = VIRTUAL_HOST.exec(head.headers.host ?? '') ?? [];
  if (virtual !== undefined) return { bucket: virtual.toLowerCase(), key: decode(path) };
  const [bucket = '', ...key] = path.split('/');
  return { bucket: decode(bucket), key: decode(key.join('/')) };
}

/** `bucket/key`, with or without a slash before it, percent-encoded. */
export function readCopySource(source: string): Address {
  const [path = '', ...query] = source.replace(/^\//, '').split('?');
  if (query.length > 0) throw new AwsError('NotImplemented', "The laptop's S3 keeps no versions.", 501);
  const [bucket = '', ...key] = path.split('/');
  if (bucket === '' || key.join('/') === '')
    throw new AwsError('InvalidArgument', 'Copy Source must mention the source bucket and key: sourcebucket/sourcekey');
  return { bucket: decode(bucket), key: decode(key.join('/')) };
}

const targetOf = ({ target, url }: RequestHead): string => target ?? `${url.pathname}${url.search}`;

function decode(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    throw new AwsError('InvalidURI', "Couldn't parse the specified URI.");
  }
}

/** A signer moves headers into the query of a presigned URL; S3 takes them from there. */
function headersInQuery(query: URLSearchParams): Headers {
  const found: Record<string, string> = {};
  for (const [name, value] of query) {
    const header = name.toLowerCase();
    if (header.startsWith('x-amz-') && !SIGNATURE_PARAMETERS.has(header)) found[header] ??= value;
  }
  return found;
}
