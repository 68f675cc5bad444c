// Bytes from a broken or hostile writer: they must be refused quickly, without taking more memory than they are worth.

import { crc32, deflateRawSync } from 'node:zlib';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { BlockError, decodeBlock, encodeBlock, type Group } from '../../../../shared/readings/codec/block.ts';
import { frame, unframe } from '../../../../shared/readings/codec/frame.ts';
import { groups, RUNS } from './arbitraries.ts';

function failure(bytes: Uint8Array): BlockError {
  try {
    decodeBlock(bytes);
  } catch (error) {
    if (error instanceof BlockError) return error;
    throw error;
  }
  throw new Error('It was decoded');
}

function telemetry(rows: number): Uint8Array {
  const group: Group = {
    device: 'dev_a',
    stream: 'telemetry',
    buckets: ['bkt_a'],
    rows: Array.from({ length: rows }, (_, i) => ({
      ts: i * 10_000,
      receivedAt: i * 10_000 + 90,
      value: { n: i % 5, s: 'on' },
    })),
  };
  return encodeBlock([group]);
}

/** Any payload, with the checksum that a hostile writer would give it. */
function sealed(kind: number, payload: Uint8Array): Uint8Array {
  const bytes = new Uint8Array(5 + payload.length);
  bytes[0] = kind;
  new DataView(bytes.buffer).setUint32(1, crc32(payload, kind), true);
  bytes.set(payload, 5);
  return bytes;
}

const STORED = 0xc1;
const DEFLATED = 0xd1;
/** One group of empty names and no buckets; what follows is its row count. */
const ONE_GROUP = [1, 0, 0, 0, 0, 0, 0, 0, 0, 0, 2, 0, 2, 0x5b, 0x5d];

describe('a damaged block', () => {
  it('is corrupt wherever it is cut', () => {
    const bytes = telemetry(60);
    for (let length = 0; length < bytes.length; length++)
      expect(failure(bytes.subarray(0, length)).code).toBe('corrupt');
    expect(failure(Uint8Array.of(...bytes, 0)).code).toBe('corrupt');
  });

  it('is refused whichever bit flips', () => {
    const bytes = telemetry(20);
    for (let bit = 0; bit < bytes.length * 8; bit++) {
      const flipped = bytes.slice();
      flipped[bit >> 3] = (flipped[bit >> 3] ?? 0) ^ (1 << (bit & 7));
      const { code } = failure(flipped);
      if (bit >= 8) expect(code).toBe('corrupt');
    }
  });

  it('is of an unknown version if its first byte says so', () => {
    const bytes = telemetry(3);
    for (const first of [0x00, 0xc0, 0xc2, 0xd2, 0x7b, 0xff]) {
      bytes[0] = first;
      expect(failure(bytes).code).toBe('unknown-version');
    }
  });
});

describe('a block with a right checksum around wrong contents', () => {
  const quietly = (body: Uint8Array) => {
    try {
      decodeBlock(frame(body, false));
    } catch (error) {
      // Changed bytes may also be other readings, rightly written.
      expect(error).toBeInstanceOf(BlockError);
    }
  };

  it('is decoded or refused, and nothing else, whatever byte changes', () => {
    const change = fc.tuple(fc.nat(), fc.oneof(fc.nat(255), fc.constantFrom(0, 127, 128, 255)));
    fc.assert(
      fc.property(groups, fc.array(change, { minLength: 1, maxLength: 4 }), fc.nat(), (input, changes, cut) => {
        const body = unframe(encodeBlock(input)).slice();
        for (const [at, byte] of changes) body[at % body.length] = byte;
        quietly(body);
        quietly(body.subarray(0, cut % body.length));
      }),
      RUNS,
    );
  });

  it('is decoded or refused for any bytes', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 80 }), fc.boolean(), (bytes, afterGroup) =>
        quietly(afterGroup ? Uint8Array.of(...ONE_GROUP, ...bytes) : bytes),
      ),
      RUNS,
    );
  });

  it('is corrupt if it counts more than it holds', () => {
    const huge = [0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0x0f];
    const beyond = [0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff];
    for (const count of [huge, beyond, [0xff, 0xff, 0xff, 0x7f]]) {
      expect(failure(sealed(STORED, Uint8Array.from(count))).code).toBe('corrupt');
      expect(failure(sealed(STORED, Uint8Array.of(...ONE_GROUP, ...count))).code).toBe('corrupt');
      const oneRow = [...ONE_GROUP, 1, 0, 0, 2];
      expect(failure(sealed(STORED, Uint8Array.of(...oneRow, ...count))).code).toBe('corrupt');
      expect(failure(sealed(STORED, Uint8Array.of(...oneRow, 0, 0, 0, ...count))).code).toBe('corrupt');
    }
  });

  it('is corrupt if it does not inflate to what it says', () => {
    const body = deflateRawSync(new Uint8Array(1000));
    for (const length of [[0], [1], [0xe7, 7], [0xe9, 7]]) {
      expect(failure(sealed(DEFLATED, Uint8Array.of(...length, ...body))).code).toBe('corrupt');
    }
    expect(failure(sealed(DEFLATED, Uint8Array.of(100, 1, 2, 3))).code).toBe('corrupt');
  });

  it('takes no more memory than it may, however much it inflates to', () => {
    const bomb = deflateRawSync(new Uint8Array(128 * 1024 * 1024), { level: 9 });
    const before = process.memoryUsage().rss;
    const lengths = [
      [0x80, 0x80, 0x80, 0x80, 1],
      [0x80, 0x80, 0x80, 1],
      [0x80, 0x80, 4],
    ];
    for (const length of lengths)
      expect(failure(sealed(DEFLATED, Buffer.concat([Uint8Array.from(length), bomb]))).code).toBe('corrupt');
    expect(process.memoryUsage().rss - before).toBeLessThan(64 * 1024 * 1024);
  });
});
