/** A ZIP crafted byte by byte, apart from the code under test: every field can be a lie. */
import { crc32, deflateRawSync } from 'node:zlib';

export interface RawEntry {
  name: string | Buffer;
  /** What the local header says, if other. */
  localName?: string | Buffer;
  localMethod?: number;
  localSignature?: number;
  localExtra?: Buffer;
  contents?: Buffer;
  /** The data as it lies there; the deflated contents unless said. */
  data?: Buffer;
  method?: number;
  flags?: number;
  size?: number;
  compressedSize?: number;
  crc?: number;
  offset?: number;
  mode?: number;
  madeBy?: number;
  extra?: Buffer;
  comment?: string;
  /** Bytes after the data that no record accounts for. */
  gap?: number;
}

export interface RawEnd {
  count?: number;
  directoryAt?: number;
  disk?: number;
  comment?: string;
  /** Puts 64-bit end records before the end, with this place of the directory. */
  zip64?: { count?: number; directoryAt?: number; at?: number };
}

export function rawZip(entries: readonly RawEntry[], end: RawEnd = {}): Buffer {
  const parts: Buffer[] = [];
  const directory: Buffer[] = [];
  let at = 0;
  for (const entry of entries) {
    const place = at;
    for (const part of localPart(entry)) {
      parts.push(part);
      at += part.length;
    }
    directory.push(centralPart(entry, entry.offset ?? place));
  }
  const size = Buffer.concat(directory).length;
  const count = end.count ?? entries.length;
  return Buffer.concat([...parts, ...directory, ...endPart(end, { at, size, count })]);
}

const bytesOf = (name: string | Buffer) => (typeof name === 'string' ? Buffer.from(name) : name);

function facts({ contents = Buffer.alloc(0), method = 8, ...entry }: RawEntry) {
  const data = entry.data ?? (method === 8 ? deflateRawSync(contents) : contents);
  return {
    data,
    method,
    crc: entry.crc ?? crc32(contents),
    size: entry.size ?? contents.length,
    compressedSize: entry.compressedSize ?? data.length,
    flags: entry.flags ?? 0x800,
  };
}

function localPart(entry: RawEntry): Buffer[] {
  const { data, method, crc, size, compressedSize, flags } = facts(entry);
  const name = bytesOf(entry.localName ?? entry.name);
  const extra = entry.localExtra ?? Buffer.alloc(0);
  const header = Buffer.alloc(30);
  header.writeUInt32LE(entry.localSignature ?? 0x04034b50, 0);
  header.writeUInt16LE(20, 4);
  header.writeUInt16LE(flags, 6);
  header.writeUInt16LE(entry.localMethod ?? method, 8);
  header.writeUInt32LE(crc, 14);
  header.writeUInt32LE(Math.min(compressedSize, 0xffffffff), 18);
  header.writeUInt32LE(Math.min(size, 0xffffffff), 22);
  header.writeUInt16LE(name.length, 26);
  header.writeUInt16LE(extra.length, 28);
  return [header, name, extra, data, Buffer.alloc(entry.gap ?? 0)];
}

function centralPart(entry: RawEntry, offset: number): Buffer {
  const { method, crc, size, compressedSize, flags } = facts(entry);
  const name = bytesOf(entry.name);
  const extra = entry.extra ?? Buffer.alloc(0);
  const comment = Buffer.from(entry.comment ?? '');
  const header = Buffer.alloc(46);
  header.writeUInt32LE(0x02014b50, 0);
  header.writeUInt16LE(((entry.madeBy ?? 3) << 8) | 20, 4);
  header.writeUInt16LE(20, 6);
  header.writeUInt16LE(flags, 8);
  header.writeUInt16LE(method, 10);
  header.writeUInt32LE(crc, 16);
  header.writeUInt32LE(compressedSize, 20);
  header.writeUInt32LE(size, 24);
  header.writeUInt16LE(name.length, 28);
  header.writeUInt16LE(extra.length, 30);
  header.writeUInt16LE(comment.length, 32);
  header.writeUInt32LE((entry.mode ?? 0) * 0x10000, 38);
  header.writeUInt32LE(offset, 42);
  return Buffer.concat([header, name, extra, comment]);
}

function endPart(end: RawEnd, { at, size, count }: { at: number; size: number; count: number }): Buffer[] {
  const comment = Buffer.from(end.comment ?? '');
  const record = Buffer.alloc(22);
  record.writeUInt32LE(0x06054b50, 0);
  record.writeUInt16LE(end.disk ?? 0, 4);
  record.writeUInt16LE(end.zip64 ? 0xffff : count, 8);
  record.writeUInt16LE(end.zip64 ? 0xffff : count, 10);
  record.writeUInt32LE(end.zip64 ? 0xffffffff : size, 12);
  record.writeUInt32LE(end.zip64 ? 0xffffffff : (end.directoryAt ?? at), 16);
  record.writeUInt16LE(comment.length, 20);
  if (!end.zip64) return [record, comment];
  const record64 = Buffer.alloc(56);
  record64.writeUInt32LE(0x06064b50, 0);
  record64.writeBigUInt64LE(44n, 4);
  record64.writeBigUInt64LE(BigInt(end.zip64.count ?? count), 24);
  record64.writeBigUInt64LE(BigInt(end.zip64.count ?? count), 32);
  record64.writeBigUInt64LE(BigInt(size), 40);
  record64.writeBigUInt64LE(BigInt(end.zip64.directoryAt ?? at), 48);
  const locator = Buffer.alloc(20);
  locator.writeUInt32LE(0x07064b50, 0);
  locator.writeBigUInt64LE(BigInt(end.zip64.at ?? at + size), 8);
  locator.writeUInt32LE(1, 16);
  return [record64, locator, record, comment];
}

/** A ZIP64 extra field of these values. */
export function extra64(...values: bigint[]): Buffer {
  const field = Buffer.alloc(4 + 8 * values.length);
  field.writeUInt16LE(1, 0);
  field.writeUInt16LE(8 * values.length, 2);
  for (const [i, value] of values.entries()) field.writeBigUInt64LE(value, 4 + 8 * i);
  return field;
}
