/**
 * A day's catalog of a bucket: which devices have blocks of which hours, so that a query over all devices asks for the blocks that
 * are there, and for no others. A bit a span: 0 to 23 for the hours, 24 for the day block. Pure.
 *
 * Bytes: version (1), then deflated: count, the devices' ids in order, a mask of four bytes each.
 */
import { deflateRawSync, inflateRawSync } from 'node:zlib';
import { corrupt } from '../codec/block-error.ts';
import { readTexts, writeTexts } from '../codec/strings.ts';
import { ByteReader, ByteWriter } from '../codec/varint.ts';

const VERSION = 1;
const MASK_BYTES = 4;
/** Larger catalogs go on in pieces. */
export const MOST_CATALOG_BYTES = 200 * 1024;
const MOST_INFLATED = 16 * 1024 * 1024;

const DAY_BIT = 24;

/** Device → its spans of that day. */
export type Catalog = ReadonlyMap<string, number>;

/** The bit of a span in its day's catalog. */
export const spanBit = (span: string): number => 1 << (span.length === 13 ? Number(span.slice(11)) : DAY_BIT);
export const hasHour = (mask: number, hour: number): boolean => (mask & (1 << hour)) !== 0;
export const hasDayBlock = (mask: number): boolean => (mask & (1 << DAY_BIT)) !== 0;

export function packCatalog(catalog: Catalog): Uint8Array {
  const entries = [...catalog].sort(([a], [b]) => (a < b ? -1 : 1));
  const out = new ByteWriter();
  out.count(entries.length);
  writeTexts(
    out,
    entries.map(([device]) => device),
  );
  const masks = new DataView(new ArrayBuffer(entries.length * MASK_BYTES));
  for (const [i, [, mask]] of entries.entries()) masks.setUint32(i * MASK_BYTES, mask, true);
  out.raw(new Uint8Array(masks.buffer));
  return Buffer.concat([Buffer.of(VERSION), deflateRawSync(out.finish())]);
}

export function unpackCatalog(bytes: Uint8Array): Map<string, number> {
  if (bytes[0] !== VERSION) throw new Error(`A catalog has version ${bytes[0]}, which is not known here.`);
  const from = new ByteReader(inflateRawSync(bytes.subarray(1), { maxOutputLength: MOST_INFLATED }));
  const devices = readTexts(from, from.size());
  const masks = from.raw(devices.length * MASK_BYTES);
  if (from.left > 0) corrupt('a catalog that goes on');
  const view = new DataView(masks.buffer, masks.byteOffset, masks.length);
  return new Map(devices.map((device, i) => [device, view.getUint32(i * MASK_BYTES, true)]));
}
