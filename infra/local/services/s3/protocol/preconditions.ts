/** Conditional reads and writes, by ETag and time. */
import { noSuchKey, notServed, preconditionFailed } from './errors.ts';
import type { Headers } from './s3-request.ts';

/** What conditions look at. `modified`: epoch milliseconds. */
interface Dated {
  readonly etag: string;
  readonly modified: number;
}

/** Throws 412; answers whether the caller already has it (304). `prefix`: `x-amz-copy-source-` for the source of a copy. */
export function isUnchanged({ etag, modified }: Dated, headers: Headers, prefix = ''): boolean {
  const match = headers[`${prefix}if-match`];
  const noneMatch = headers[`${prefix}if-none-match`];
  const seconds = Math.floor(modified / 1000) * 1000;
  const unmodifiedSince = time(headers[`${prefix}if-unmodified-since`]);
  const modifiedSince = time(headers[`${prefix}if-modified-since`]);
  if (match !== undefined) {
    if (!names(match, etag)) throw preconditionFailed('If-Match');
  } else if (unmodifiedSince !== undefined && seconds > unmodifiedSince)
    throw preconditionFailed('If-Unmodified-Since');
  if (noneMatch !== undefined) return names(noneMatch, etag);
  return modifiedSince !== undefined && seconds <= modifiedSince;
}

/** Of a write or delete. Call it in the transaction that writes: nothing may come between. */
export function checkWrite(current: { readonly etag: string } | undefined, headers: Headers, key: string): void {
  const match = headers['if-match'];
  const noneMatch = headers['if-none-match'];
  if (noneMatch !== undefined && noneMatch !== '*')
    throw notServed('If-None-Match with an ETag on a write, nor does AWS');
  if (noneMatch === '*' && current) throw preconditionFailed('If-None-Match');
  if (match === undefined) return;
  if (!current) throw noSuchKey(key);
  if (!names(match, current.etag)) throw preconditionFailed('If-Match');
}

const names = (list: string, etag: string): boolean =>
  list.split(',').some((one) => {
    const bare = one.trim().replace(/^W\//, '').replaceAll('"', '');
    return bare === '*' || bare === etag;
  });

/** A date that can't be read counts as absent, as HTTP says. */
function time(header: string | undefined): number | undefined {
  const value = Date.parse(header ?? '');
  return Number.isNaN(value) ? undefined : value;
}
