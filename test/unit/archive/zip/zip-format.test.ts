import { describe, expect, it } from 'vitest';
import {
  centralHeader,
  dataDescriptor,
  endOfDirectory,
  localHeader,
  type ZipEntry,
} from '../../../../shared/archive/zip/zip-format.ts';

const GIB_4 = 0x1_0000_0000;

const entry = (over: Partial<ZipEntry> = {}): ZipEntry => ({
  name: 'a/é',
  offset: 7,
  size: 300,
  compressedSize: 200,
  crc32: 0xdeadbeef,
  large: false,
  ...over,
});

const hex = (bytes: Buffer) => bytes.toString('hex');
const name = hex(Buffer.from('a/é'));

describe('the records of a ZIP, byte by byte', () => {
  it('local header', () => {
    expect(hex(localHeader('a/é', false))).toBe(
      `504b0304${'1400'}${'0808'}${'0800'}${'0000'}${'2100'}${'00'.repeat(12)}${'0400'}${'0000'}${name}`,
    );
  });

  it('local header of a large entry: sizes in a ZIP64 field, not known yet', () => {
    expect(hex(localHeader('a/é', true))).toBe(
      `504b0304${'2d00'}${'0808'}${'0800'}${'0000'}${'2100'}${'00000000'}${'ff'.repeat(8)}${'0400'}${'1400'}${name}` +
        `0100${'1000'}${'00'.repeat(16)}`,
    );
  });

  it('data descriptor', () => {
    expect(hex(dataDescriptor(entry()))).toBe('504b0708efbeaddec80000002c010000');
    expect(hex(dataDescriptor(entry({ large: true, size: GIB_4 + 2 })))).toBe(
      '504b0708efbeaddec8000000000000000200000001000000',
    );
  });

  it('central directory header: made by unix, a file of mode 0644', () => {
    expect(hex(centralHeader(entry()))).toBe(
      `504b0102${'2d03'}${'1400'}${'0808'}${'0800'}${'0000'}${'2100'}${'efbeadde'}${'c8000000'}${'2c010000'}` +
        `${'0400'}${'0000'}${'0000'}${'0000'}${'0000'}${'0000a481'}${'07000000'}${name}`,
    );
  });

  it.each([
    ['size', { size: GIB_4 - 1, large: true }, ['ffffffff00000000']],
    ['both sizes', { size: GIB_4 + 5, compressedSize: GIB_4, large: true }, ['0500000001000000', '0000000001000000']],
    ['offset', { offset: 3 * GIB_4 }, ['0000000003000000']],
    ['all', { size: GIB_4, compressedSize: GIB_4 + 1, offset: GIB_4 + 2, large: true }, [0, 1, 2].map(le64)],
  ])('central directory header with what only 64 bits hold: %s', (_what, over, values) => {
    const header = centralHeader(entry(over as Partial<ZipEntry>));
    expect(header.readUInt16LE(6)).toBe(45);
    expect(header.readUInt16LE(30)).toBe(4 + 8 * values.length);
    expect(hex(header.subarray(50))).toBe(
      `0100${(8 * values.length).toString(16).padStart(2, '0')}00${values.join('')}`,
    );
    const { size, compressedSize, offset } = entry(over as Partial<ZipEntry>);
    const fields = [24, 20, 42].map((at) => header.readUInt32LE(at));
    expect(fields).toEqual([size, compressedSize, offset].map((value) => Math.min(value, 0xffffffff)));
  });

  it('central directory header just within 32 bits', () => {
    const header = centralHeader(entry({ size: GIB_4 - 2, compressedSize: GIB_4 - 2, offset: GIB_4 - 2 }));
    expect(header.readUInt16LE(6)).toBe(20);
    expect(header.readUInt16LE(30)).toBe(0);
    expect(header.readUInt32LE(42)).toBe(GIB_4 - 2);
  });

  it('end of the directory', () => {
    expect(hex(endOfDirectory({ count: 2, at: 500, size: 100 }))).toBe(
      `504b0506${'0000'}${'0000'}${'0200'}${'0200'}${'64000000'}${'f4010000'}${'0000'}`,
    );
    expect(endOfDirectory({ count: 65_534, at: GIB_4 - 2, size: GIB_4 - 2 })).toHaveLength(22);
  });

  it.each([
    { count: 65_535, at: 500, size: 100 },
    { count: 2, at: GIB_4 - 1, size: 100 },
    { count: 2, at: GIB_4 + 500, size: 100 },
    { count: 2, at: 500, size: GIB_4 - 1 },
  ])('end of a directory that needs 64 bits: %o', ({ count, at, size }) => {
    const end = endOfDirectory({ count, at, size });
    expect(end).toHaveLength(56 + 20 + 22);
    expect(hex(end.subarray(0, 24))).toBe(`504b0606${'2c00000000000000'}${'2d03'}${'2d00'}${'00'.repeat(8)}`);
    expect([24, 32, 40, 48].map((i) => Number(end.readBigUInt64LE(i)))).toEqual([count, count, size, at]);
    expect(hex(end.subarray(56, 64))).toBe('504b060700000000');
    expect(Number(end.readBigUInt64LE(64))).toBe(at + size);
    expect(end.readUInt32LE(72)).toBe(1);
    expect(end.readUInt16LE(76 + 10)).toBe(Math.min(count, 0xffff));
    expect(end.readUInt32LE(76 + 12)).toBe(Math.min(size, 0xffffffff));
    expect(end.readUInt32LE(76 + 16)).toBe(Math.min(at, 0xffffffff));
  });
});

function le64(low: number): string {
  const bytes = Buffer.alloc(8);
  bytes.writeBigUInt64LE(BigInt(GIB_4 + low));
  return hex(bytes);
}
