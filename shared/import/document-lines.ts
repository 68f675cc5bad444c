/** A file of lines, read as it comes: never more than a line is held, and none may be longer than what a line of an archive can be. */
import { pipeline, Readable } from 'node:stream';
import { createGunzip } from 'node:zlib';
import * as z from 'zod';
import { JsonError, MAX_DEPTH, parseJson } from '../platform/json-value.ts';
import { refuse } from './import-error.ts';

/** Bytes: a property or a reading has at most 256 KB, which escapes may make six times as much. */
const MOST_LINE_BYTES = 2 * 1024 * 1024;
const NEWLINE = 0x0a;

export interface Line {
  /** From 1. */
  readonly number: number;
  readonly text: Buffer;
}

/** Decompressed bytes of what a gzip file holds; throws for one that is damaged. */
async function* gunzipped(bytes: AsyncIterable<Uint8Array>, file: string): AsyncGenerator<Uint8Array> {
  const gunzip = pipeline(Readable.from(bytes), createGunzip(), () => {});
  try {
    for await (const piece of gunzip) yield piece as Uint8Array;
  } catch (error) {
    const isGzip = error instanceof Error && 'code' in error && String(error.code).startsWith('Z_');
    throw isGzip ? refuse('is not a gzip file, or is damaged', file) : error;
  }
}

/** `taken`: told of every piece that was decompressed, and throws where it was enough. */
export async function* linesOf(
  bytes: AsyncIterable<Uint8Array>,
  file: string,
  taken: (bytes: number) => void,
): AsyncGenerator<Line> {
  let number = 1;
  let held: Uint8Array[] = [];
  let heldBytes = 0;
  const hold = (piece: Uint8Array) => {
    held.push(piece);
    heldBytes += piece.length;
    if (heldBytes > MOST_LINE_BYTES) throw refuse(`A line has more than ${MOST_LINE_BYTES} bytes.`, file, number);
  };
  for await (const piece of file.endsWith('.gz') ? gunzipped(bytes, file) : bytes) {
    taken(piece.length);
    let start = 0;
    for (let end = piece.indexOf(NEWLINE); end >= 0; end = piece.indexOf(NEWLINE, start)) {
      hold(piece.subarray(start, end));
      yield { number, text: Buffer.concat(held) };
      [held, heldBytes, start, number] = [[], 0, end + 1, number + 1];
    }
    if (start < piece.length) hold(piece.subarray(start));
  }
  if (heldBytes > 0) yield { number, text: Buffer.concat(held) };
}

/** A line as a document; throws for one that isn't. */
export function parseLine<T extends z.ZodType>(schema: T, { text, number }: Line, file: string): z.output<T> {
  try {
    // A value of the deepest kind stands within the line's own object.
    return schema.parse(parseJson(text, { maxDepth: MAX_DEPTH + 1 }));
  } catch (error) {
    if (error instanceof JsonError) throw refuse(error.message, file, number);
    if (!(error instanceof z.ZodError)) throw error;
    throw refuse(issueText(error.issues[0]), file, number);
  }
}

/** The first thing that is wrong, in plain words. */
export function issueText(issue: z.core.$ZodIssue | undefined): string {
  if (issue?.code === 'unrecognized_keys') return `${issue.keys.join(', ')} is no member of such a line`;
  const where = issue?.path.join('.') || 'the line';
  if (issue?.code !== 'invalid_type') return `${where} ${issue?.message ?? 'is not valid'}`;
  const isMissing = issue.message.endsWith('received undefined');
  return isMissing ? `${where} is missing` : `${where} must be of type ${issue.expected}`;
}
