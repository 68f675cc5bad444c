import type { IncomingMessage } from 'node:http';
import { AwsError } from '../contract.ts';

const LIMIT_BYTES = 20 * 1024 * 1024;

export async function readBody(request: IncomingMessage): Promise<Buffer> {
  // Refused by its announcement, the sender still hears why; one that lies is cut off below.
  if (Number(request.headers['content-length'] ?? 0) > LIMIT_BYTES) throw tooLarge();
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of request as AsyncIterable<Buffer>) {
    size += chunk.length;
    if (size > LIMIT_BYTES) throw tooLarge();
    chunks.push(chunk);
  }
  return Buffer.concat(chunks, size);
}

const tooLarge = (): AwsError =>
  new AwsError('RequestEntityTooLargeException', `The body is over ${LIMIT_BYTES} bytes.`, 413);
