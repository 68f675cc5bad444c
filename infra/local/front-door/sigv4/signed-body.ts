/**
 * A body that streams, held to what its request signed: a hash of the whole, a signature for each chunk, or (S3 allows it)
 * nothing. A body that fails is known to fail only at its end, so whoever reads it keeps nothing before.
 */
import { createHash } from 'node:crypto';
import type { Readable } from 'node:stream';
import type { BodyStream } from '../../contract.ts';
import { AwsError } from '../../contract.ts';
import { type ChunkChecks, type Chunked, decodeChunks } from './aws-chunked.ts';
import { sha256 } from './canonical-request.ts';
import type { SignatureClaims } from './signature-claims.ts';
import { scopedSigner } from './verify-signature.ts';

const SIGNED_CHUNKS = 'STREAMING-AWS4-HMAC-SHA256-PAYLOAD';
const SIGNED_CHUNKS_AND_TRAILER = 'STREAMING-AWS4-HMAC-SHA256-PAYLOAD-TRAILER';
const UNSIGNED_CHUNKS_AND_TRAILER = 'STREAMING-UNSIGNED-PAYLOAD-TRAILER';

/** The request's signature must have been verified: it covers what is said here of the body. */
export function signedBody(
  incoming: Readable,
  headers: Readonly<Record<string, string>>,
  claims: SignatureClaims,
  secret: string,
): BodyStream {
  const bytes = arriving(incoming);
  const said = claims.presigned ? 'UNSIGNED-PAYLOAD' : headers['x-amz-content-sha256'];
  if (said === 'UNSIGNED-PAYLOAD') return { bytes, trailers: () => ({}) };
  if (said !== undefined && /^[0-9a-f]{64}$/.test(said)) return { bytes: hashed(bytes, said), trailers: () => ({}) };

  const length = Number(headers['x-amz-decoded-content-length'] ?? Number.NaN);
  if (!Number.isSafeInteger(length) || length < 0)
    throw new AwsError('MissingContentLength', 'x-amz-decoded-content-length must say the length.', 411);
  if (said === UNSIGNED_CHUNKS_AND_TRAILER) return decoded(decodeChunks(bytes, { length, trailer: true }));
  if (said === SIGNED_CHUNKS || said === SIGNED_CHUNKS_AND_TRAILER) {
    const checks = chunkSignatures(claims, secret);
    return decoded(decodeChunks(bytes, { length, trailer: said === SIGNED_CHUNKS_AND_TRAILER, checks }));
  }
  throw new AwsError('InvalidArgument', `The laptop host doesn't serve x-amz-content-sha256: ${said}`, 400);
}

const decoded = ({ bytes, trailers }: Chunked): BodyStream => ({
  bytes,
  trailers: () => Object.fromEntries(trailers),
});

/** Ending early must not cut the connection, on which the refusal still has to go out. */
async function* arriving(incoming: Readable): AsyncGenerator<Buffer> {
  try {
    yield* incoming.iterator({ destroyOnReturn: false }) as AsyncIterable<Buffer>;
  } catch (cause) {
    if (!incoming.errored) throw cause;
    throw new AwsError('IncompleteBody', 'The connection ended before the body did.');
  }
}

async function* hashed(bytes: AsyncIterable<Buffer>, expected: string): AsyncGenerator<Buffer> {
  const hash = createHash('sha256');
  for await (const chunk of bytes) {
    hash.update(chunk);
    yield chunk;
  }
  if (hash.digest('hex') !== expected)
    throw new AwsError(
      'XAmzContentSHA256Mismatch',
      "The provided 'x-amz-content-sha256' header does not match what was computed.",
    );
}

/** Each chunk's signature covers the one before, the first one the request's own: none can be left out or moved. */
function chunkSignatures(claims: SignatureClaims, secret: string): ChunkChecks {
  const sign = scopedSigner(claims, secret);
  let previous = claims.signature;
  const check = (given: string, expected: string): void => {
    if (given !== expected)
      throw new AwsError('SignatureDoesNotMatch', 'The signature of a chunk does not match its content.', 403);
    previous = given;
  };
  return {
    chunk: (hash, signature) => check(signature, sign('AWS4-HMAC-SHA256-PAYLOAD', previous, sha256(''), hash)),
    trailer: (text, signature) => check(signature, sign('AWS4-HMAC-SHA256-TRAILER', previous, sha256(text))),
  };
}
