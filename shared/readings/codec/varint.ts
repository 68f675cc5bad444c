// Bytes out and in. A varint has 7 bits a byte, lowest first; signed numbers are zig-zagged before (0, -1, 1, -2 …), so that
// small ones of either sign take one byte. Everything that can be counted takes at least one byte: a reader checks
// a count against the bytes that are left before it allocates anything.

import { corrupt } from './block-error.ts';

/** The largest magnitude whose zig-zag form is still a safe integer. */
export const MAX_SIGNED = 2 ** 52 - 1;
const MAX_VARINT_BYTES = 8;

export class ByteWriter {
  #bytes = new Uint8Array(4096);
  #length = 0;
  #text = 0;

  byte(value: number): void {
    this.#reserve(1);
    this.#bytes[this.#length++] = value;
  }

  /** A safe integer from 0. */
  count(value: number): void {
    this.#reserve(MAX_VARINT_BYTES);
    let rest = value;
    for (; rest > 0x7fffffff; rest = Math.floor(rest / 128)) this.#bytes[this.#length++] = (rest % 128) | 128;
    for (; rest > 127; rest >>>= 7) this.#bytes[this.#length++] = (rest & 127) | 128;
    this.#bytes[this.#length++] = rest;
  }

  /** Integers of at most MAX_SIGNED. */
  signed(values: Float64Array): void {
    this.#reserve(values.length * MAX_VARINT_BYTES);
    for (let i = 0; i < values.length; i++) {
      const value = values[i] as number;
      const zigzag = value < 0 ? -2 * value - 1 : 2 * value;
      if (zigzag < 128) this.#bytes[this.#length++] = zigzag;
      else this.count(zigzag);
    }
  }

  doubles(values: ArrayLike<number>): void {
    this.#reserve(values.length * 8);
    const view = new DataView(this.#bytes.buffer, this.#length);
    for (let i = 0; i < values.length; i++) view.setFloat64(i * 8, values[i] as number, true);
    this.#length += values.length * 8;
  }

  raw(bytes: Uint8Array): void {
    this.#reserve(bytes.length);
    this.#bytes.set(bytes, this.#length);
    this.#length += bytes.length;
  }

  /** Bytes of text, which deflate treats unlike numbers. */
  text(bytes: Uint8Array): void {
    this.raw(bytes);
    this.#text += bytes.length;
  }

  get mostlyText(): boolean {
    return this.#text * 2 > this.#length;
  }

  finish(): Uint8Array {
    return this.#bytes.subarray(0, this.#length);
  }

  #reserve(count: number): void {
    if (this.#length + count <= this.#bytes.length) return;
    const larger = new Uint8Array(Math.max(this.#bytes.length * 2, this.#length + count));
    larger.set(this.#bytes);
    this.#bytes = larger;
  }
}

export class ByteReader {
  readonly #bytes: Uint8Array;
  #at = 0;

  constructor(bytes: Uint8Array) {
    this.#bytes = bytes;
  }

  get left(): number {
    return this.#bytes.length - this.#at;
  }

  byte(): number {
    return this.#bytes[this.#at++] ?? corrupt('it ends early');
  }

  /** Bytes below `limit`, one for each of `count` values. */
  codes(count: number, limit: number): Uint8Array {
    const codes = this.raw(count);
    for (const code of codes) if (code >= limit) corrupt('unknown code');
    return codes;
  }

  count(): number {
    const first = this.#bytes[this.#at];
    if (first !== undefined && first < 128) {
      this.#at++;
      return first;
    }
    let value = 0;
    let unit = 1;
    for (let i = 0; i < MAX_VARINT_BYTES; i++) {
      const byte = this.byte();
      value += (byte & 127) * unit;
      if (byte < 128) return Number.isSafeInteger(value) ? value : corrupt('number too large');
      unit *= 128;
    }
    return corrupt('number too long');
  }

  /** A count of things that take at least a byte each. */
  size(): number {
    return this.available(this.count());
  }

  available(count: number): number {
    return count <= this.left ? count : corrupt('it counts more than it holds');
  }

  /** The hot loop of decoding: most values take one byte or two. */
  signed(count: number): Float64Array<ArrayBuffer> {
    const values = new Float64Array(this.available(count));
    const bytes = this.#bytes;
    let at = this.#at;
    for (let i = 0; i < count; i++) {
      const low = bytes[at] ?? corrupt('it ends early');
      const high = low < 128 ? 0 : (bytes[at + 1] ?? corrupt('it ends early'));
      if (high < 128) {
        const zigzag = (low & 127) | (high << 7);
        values[i] = (zigzag >>> 1) ^ -(zigzag & 1);
        at += low < 128 ? 1 : 2;
        continue;
      }
      this.#at = at;
      const zigzag = this.count();
      values[i] = zigzag % 2 === 0 ? zigzag / 2 : -(zigzag + 1) / 2;
      at = this.#at;
    }
    this.#at = at;
    return values;
  }

  doubles(count: number): Float64Array<ArrayBuffer> {
    if (count * 8 > this.left) corrupt('it counts more than it holds');
    const view = new DataView(this.#bytes.buffer, this.#bytes.byteOffset + this.#at, count * 8);
    const values = new Float64Array(count);
    for (let i = 0; i < count; i++) {
      values[i] = view.getFloat64(i * 8, true);
      if (!Number.isFinite(values[i])) corrupt('not a number');
    }
    this.#at += count * 8;
    return values;
  }

  raw(count: number): Uint8Array {
    this.available(count);
    this.#at += count;
    return this.#bytes.subarray(this.#at - count, this.#at);
  }
}
