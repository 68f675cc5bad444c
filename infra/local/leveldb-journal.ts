/**
 * Whether a LevelDB journal is whole. LevelDB itself drops what it can't read there, says so in a log file, and goes on without
 * the newest writes; a host that promises to keep them has to look first.
 *
 * Format: blocks of 32 KB; records of CRC-32C (4 bytes, masked), length (2), type (1: whole, 2–4: first, middle, last part), data.
 */
const BLOCK = 32_768;
const HEADER = 7;
const LAST_TYPE = 4;
const MASK_DELTA = 0xa282ead8;
const CASTAGNOLI = 0x82f63b78;

const TABLE = Uint32Array.from({ length: 256 }, (_, byte) => {
  let value = byte;
  for (let bit = 0; bit < 8; bit += 1) value = value & 1 ? (value >>> 1) ^ CASTAGNOLI : value >>> 1;
  return value >>> 0;
});

/** Throws at the first damaged record. A last record that was cut short by a kill is none: its write was never acknowledged. */
export function checkJournal(content: Buffer): void {
  let at = 0;
  while (at < content.length) {
    const leftInBlock = BLOCK - (at % BLOCK);
    if (leftInBlock < HEADER) {
      at += leftInBlock;
      continue;
    }
    if (content.length - at < HEADER) return;
    const length = content.readUInt16LE(at + 4);
    const type = content.readUInt8(at + 6);
    if (type === 0 && length === 0) {
      at += leftInBlock;
      continue;
    }
    if (type === 0 || type > LAST_TYPE || length > leftInBlock - HEADER) throw new Error(`no record at byte ${at}`);
    const end = at + HEADER + length;
    if (end > content.length) return;
    if (content.readUInt32LE(at) !== masked(crc32c(content.subarray(at + 6, end)))) {
      throw new Error(`checksum mismatch at byte ${at}`);
    }
    at = end;
  }
}

function crc32c(bytes: Buffer): number {
  let value = 0xffffffff;
  for (const byte of bytes) value = (value >>> 8) ^ TABLE[(value ^ byte) & 0xff]!;
  return (value ^ 0xffffffff) >>> 0;
}

const masked = (crc: number): number => (((crc >>> 15) | (crc << 17)) + MASK_DELTA) >>> 0;
