// What surrounds the columns: one byte that says "a block, version 1, stored or deflated", a CRC-32 of everything else,
// and the body. Sealing (AES-GCM) happens outside; the CRC tells a damaged block from a wrong one before anything is read.

import { constants, crc32, deflateRawSync, inflateRawSync } from 'node:zlib';
import { BlockError, corrupt } from './block-error.ts';
import { ByteReader, ByteWriter } from './varint.ts';

const STORED = 0xc1;
const DEFLATED = 0xd1;
const HEADER = 5;
/** Larger bodies are stored as they are, so that a reader never inflates more than this. Real blocks hold kilobytes. */
const MAX_INFLATED = 32 * 1024 * 1024;

// Measured on hours of telemetry: a small memLevel starts new Huffman codes more often, which suits columns (about 4 %
// smaller). Columns of numbers repeat only in runs, so run-length matching is as small as searching, and never slower. Text
// needs the search: without it, repeated JSON took three to seven times the bytes.
const NUMBERS = { memLevel: 4, strategy: constants.Z_RLE };
const TEXT = { memLevel: 4, level: 6 };

export function frame(body: Uint8Array, mostlyText: boolean): Uint8Array {
  const deflated = deflateRawSync(body, mostlyText ? TEXT : NUMBERS);
  const out = new ByteWriter();
  const helps = deflated.length + 4 < body.length && body.length <= MAX_INFLATED;
  if (helps) out.count(body.length);
  out.raw(helps ? deflated : body);
  const payload = out.finish();
  const bytes = new Uint8Array(HEADER + payload.length);
  const kind = helps ? DEFLATED : STORED;
  bytes[0] = kind;
  new DataView(bytes.buffer).setUint32(1, crc32(payload, kind), true);
  bytes.set(payload, HEADER);
  return bytes;
}

export function unframe(bytes: Uint8Array): Uint8Array {
  const kind = bytes[0];
  if (kind === undefined) corrupt('it is empty');
  if (kind !== STORED && kind !== DEFLATED) {
    throw new BlockError('unknown-version', `Not a block of a known version (first byte ${kind})`);
  }
  if (bytes.length < HEADER) corrupt('it ends early');
  const payload = bytes.subarray(HEADER);
  const sum = new DataView(bytes.buffer, bytes.byteOffset).getUint32(1, true);
  if (crc32(payload, kind) !== sum) corrupt('wrong checksum');
  return kind === STORED ? payload : inflate(payload);
}

function inflate(payload: Uint8Array): Uint8Array {
  const from = new ByteReader(payload);
  const length = from.count();
  if (length === 0 || length > MAX_INFLATED) corrupt('impossible length');
  const body = inflateUpTo(from.raw(from.left), length);
  return body.length === length ? body : corrupt('wrong length');
}

function inflateUpTo(deflated: Uint8Array, length: number): Uint8Array {
  try {
    // One chunk of the right size saves copying; a lie about the length can't make it allocate more than a megabyte ahead.
    const chunkSize = Math.max(constants.Z_MIN_CHUNK, Math.min(length, 1 << 20));
    return inflateRawSync(deflated, { maxOutputLength: length, chunkSize });
  } catch (cause) {
    throw new BlockError('corrupt', 'Corrupt block: it does not inflate', { cause });
  }
}
