/**
 * The records of a ZIP as bytes (PKWARE's APPNOTE 6.3.x), as this platform writes them: nothing here depends on a clock, a
 * machine or a library's version, so that the same entries give the same bytes. Every entry is deflated, and its sizes and
 * CRC follow its data, because they aren't known when it begins.
 */

/** What the central directory needs of an entry; plain JSON. */
export interface ZipEntry {
  readonly name: string;
  /** Where its local header begins. */
  readonly offset: number;
  readonly size: number;
  readonly compressedSize: number;
  readonly crc32: number;
  /** Begun as one that may pass 4 GiB: its local header says so, and its descriptor has sizes of 8 bytes. */
  readonly large: boolean;
}

/** The greatest value of a field of 4 bytes; the next one, all bits set, means: see the ZIP64 field. */
export const MAX_32 = 0xfffffffe;
const MARK_32 = 0xffffffff;
const MAX_16 = 0xfffe;
const MARK_16 = 0xffff;

const LOCAL_HEADER = 0x04034b50;
const DESCRIPTOR = 0x08074b50;
const CENTRAL_HEADER = 0x02014b50;
const END = 0x06054b50;
const END_64 = 0x06064b50;
const LOCATOR_64 = 0x07064b50;
const EXTRA_64 = 0x0001;

const VERSION_DEFLATE = 20;
const VERSION_64 = 45;
const MADE_BY = (3 << 8) | VERSION_64; // unix
const FLAGS = (1 << 3) | (1 << 11); // sizes and CRC follow the data; the name is UTF-8
const DEFLATE = 8;
const TIME = 0;
const DATE = (1 << 5) | 1; // 1980-01-01
const ATTRIBUTES = 0o100644 * 0x10000;

/** Throws a RangeError for a name that no ZIP holds: empty, or of more than 65,535 bytes. */
export function localHeader(name: string, large: boolean): Buffer {
  const mark = large ? MARK_32 : 0;
  const bytes = nameBytes(name);
  const extra = large ? extra64([0, 0]) : Buffer.alloc(0);
  const header = new Fields(30)
    .u32(LOCAL_HEADER)
    .u16(large ? VERSION_64 : VERSION_DEFLATE, FLAGS, DEFLATE, TIME, DATE)
    .u32(0, mark, mark)
    .u16(bytes.length, extra.length);
  return Buffer.concat([header.bytes, bytes, extra]);
}

export function dataDescriptor({ crc32, compressedSize, size, large }: ZipEntry): Buffer {
  const fields = new Fields(large ? 24 : 16).u32(DESCRIPTOR, crc32);
  return (large ? fields.u64(compressedSize, size) : fields.u32(compressedSize, size)).bytes;
}

export function centralHeader(entry: ZipEntry): Buffer {
  const { size, compressedSize, offset } = entry;
  const bytes = nameBytes(entry.name);
  const beyond = [size, compressedSize, offset].filter((value) => value > MAX_32);
  const extra = beyond.length > 0 ? extra64(beyond) : Buffer.alloc(0);
  const header = new Fields(46)
    .u32(CENTRAL_HEADER)
    .u16(MADE_BY, entry.large || beyond.length > 0 ? VERSION_64 : VERSION_DEFLATE, FLAGS, DEFLATE, TIME, DATE)
    .u32(entry.crc32, capped(compressedSize), capped(size))
    .u16(bytes.length, extra.length, 0, 0, 0) // no comment, first disk, no internal attributes
    .u32(ATTRIBUTES, capped(offset));
  return Buffer.concat([header.bytes, bytes, extra]);
}

/** What ends an archive whose directory of `count` entries begins at `at` and has `size` bytes. */
export function endOfDirectory({ count, at, size }: { count: number; at: number; size: number }): Buffer {
  const counted = count > MAX_16 ? MARK_16 : count;
  const end = new Fields(22).u32(END).u16(0, 0, counted, counted).u32(capped(size), capped(at)).u16(0).bytes;
  if (count <= MAX_16 && size <= MAX_32 && at <= MAX_32) return end;
  const end64 = new Fields(56)
    .u32(END_64)
    .u64(56 - 12) // of this record, without what is before
    .u16(MADE_BY, VERSION_64)
    .u32(0, 0)
    .u64(count, count, size, at);
  const locator = new Fields(20)
    .u32(LOCATOR_64, 0)
    .u64(at + size)
    .u32(1);
  return Buffer.concat([end64.bytes, locator.bytes, end]);
}

const capped = (value: number) => Math.min(value, MARK_32);

const extra64 = (values: readonly number[]) =>
  new Fields(4 + 8 * values.length).u16(EXTRA_64, 8 * values.length).u64(...values).bytes;

function nameBytes(name: string): Buffer {
  const bytes = Buffer.from(name);
  if (bytes.length === 0 || bytes.length > 0xffff) throw new RangeError('A name in a ZIP has 1 to 65,535 bytes.');
  return bytes;
}

/** Little-endian fields, one after the other. */
class Fields {
  readonly bytes: Buffer;
  #at = 0;

  constructor(length: number) {
    this.bytes = Buffer.alloc(length);
  }

  u16(...values: number[]): this {
    for (const value of values) this.#at = this.bytes.writeUInt16LE(value, this.#at);
    return this;
  }

  u32(...values: number[]): this {
    for (const value of values) this.#at = this.bytes.writeUInt32LE(value, this.#at);
    return this;
  }

  u64(...values: number[]): this {
    for (const value of values) this.#at = this.bytes.writeBigUInt64LE(BigInt(value), this.#at);
    return this;
  }
}
