import { createHash } from 'node:crypto';
import { AwsError } from '../../../contract.ts';
import { claimedChecksum, summer } from '../checksum/checksums.ts';
import type { S3Request } from './s3-request.ts';
import { type Element, malformed, parseXml } from './xml.ts';

/** Ten thousand parts with their checksums take about two. */
const LIMIT_BYTES = 8 * 1024 * 1024;

/** The XML document of a request, with this root. Throws unless it is what the request's checksums say. */
export async function readDocument(
  { stream, headers }: Pick<S3Request, 'stream' | 'headers'>,
  root: string,
  { sums = true } = {},
): Promise<Element> {
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of stream.bytes) {
    size += chunk.length;
    if (size > LIMIT_BYTES) throw new AwsError('MaxMessageLengthExceeded', 'Your request was too big.');
    chunks.push(chunk);
  }
  const body = Buffer.concat(chunks);
  const md5 = headers['content-md5'];
  if (md5 !== undefined && md5 !== createHash('md5').update(body).digest('base64')) throw badDigest('Content-MD5');
  // Where a document describes an object, the header's checksum is the object's.
  if (sums) checkSum(headers, { ...headers, ...stream.trailers() }, body);
  const document = parseXml(body.toString('utf8'));
  if (document.name !== root) throw malformed();
  return document;
}

function checkSum(headers: S3Request['headers'], all: S3Request['headers'], body: Buffer): void {
  const claimed = claimedChecksum(headers);
  if (!claimed) return;
  const sum = summer(claimed.algorithm);
  sum.update(body);
  if (all[`x-amz-checksum-${claimed.algorithm.toLowerCase()}`] !== sum.digest().toString('base64'))
    throw badDigest(claimed.algorithm);
}

export const badDigest = (which: string): AwsError =>
  new AwsError('BadDigest', `The ${which} you specified did not match the calculated checksum.`);
