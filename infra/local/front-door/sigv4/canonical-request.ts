import { createHash } from 'node:crypto';
import type { RawRequest, SignatureClaims } from './signature-claims.ts';

export const sha256 = (data: string | Buffer): string => createHash('sha256').update(data).digest('hex');

/** RFC 3986: everything but letters, digits and `-_.~`. */
const encode = (text: string): string =>
  encodeURIComponent(text).replace(/[!'()*]/g, (c) => `%${c.charCodeAt(0).toString(16).toUpperCase()}`);

export function canonicalRequest(
  { method, target, headers }: RawRequest,
  claims: SignatureClaims,
  payload: string,
): string {
  const [path = '/', ...query] = target.split('?');
  return [
    method,
    canonicalPath(path, claims.service),
    canonicalQuery(query.join('?')),
    ...claims.signedHeaders.map((name) => `${name}:${(headers[name] ?? '').trim().replace(/[ \t]+/g, ' ')}`),
    '',
    claims.signedHeaders.join(';'),
    payload,
  ].join('\n');
}

/** S3 signs the path as sent. Every other service normalizes it and encodes it once more. */
function canonicalPath(path: string, service: string): string {
  if (service === 's3') return path;
  const segments: string[] = [];
  for (const segment of path.split('/')) {
    if (segment === '..') segments.pop();
    else if (segment !== '' && segment !== '.') segments.push(encode(segment));
  }
  const trailing = segments.length > 0 && path.endsWith('/') ? '/' : '';
  return `/${segments.join('/')}${trailing}`;
}

/** Answers a text that no signer makes when the escapes are broken, so that the signature can't match. */
function reencode(text: string): string {
  try {
    return encode(decodeURIComponent(text));
  } catch {
    return `(${text})`;
  }
}

function canonicalQuery(query: string): string {
  const pairs = query
    .split('&')
    .filter((pair) => pair !== '')
    .map((pair) => {
      const equals = pair.indexOf('=');
      const [name, value] = equals < 0 ? [pair, ''] : [pair.slice(0, equals), pair.slice(equals + 1)];
      return { name: reencode(name), value: reencode(value) };
    })
    .filter(({ name }) => name !== 'X-Amz-Signature');
  const compare = (a: string, b: string): number => (a < b ? -1 : a > b ? 1 : 0);
  return pairs
    .sort((a, b) => compare(a.name, b.name) || compare(a.value, b.value))
    .map(({ name, value }) => `${name}=${value}`)
    .join('&');
}
