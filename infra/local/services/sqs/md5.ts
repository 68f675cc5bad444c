/** The checksums that SQS answers and SDK clients verify. */
import { createHash } from 'node:crypto';
import type { MessageAttributes } from './message-attributes.ts';

export const md5 = (data: string | Buffer) => createHash('md5').update(data).digest('hex');

const STRING = Buffer.from([1]);
const BINARY = Buffer.from([2]);

function lengthPrefixed(data: string | Buffer): Buffer[] {
  const bytes = Buffer.from(data as string);
  const length = Buffer.alloc(4);
  length.writeUInt32BE(bytes.length);
  return [length, bytes];
}

/** Over name, type and value of each attribute in the order of names; none without attributes. */
export function md5OfAttributes(attributes: MessageAttributes): string | undefined {
  const entries = Object.entries(attributes).sort(([a], [b]) => (a < b ? -1 : 1));
  if (entries.length === 0) return undefined;
  const parts = entries.flatMap(([name, { DataType, StringValue, BinaryValue }]) => [
    ...lengthPrefixed(name),
    ...lengthPrefixed(DataType),
    ...(StringValue !== undefined
      ? [STRING, ...lengthPrefixed(StringValue)]
      : [BINARY, ...lengthPrefixed(Buffer.from(BinaryValue ?? '', 'base64'))]),
  ]);
  return md5(Buffer.concat(parts));
}
