/** The cyclic redundancy checks that S3 knows beside zlib's CRC32: CRC32C and CRC64NVME, byte by byte with tables. */

export interface Crc {
  update(bytes: Buffer): void;
  /** Big-endian. */
  digest(): Buffer;
}

/** Reflected polynomials. */
const CRC32C = 0x82f63b78;
const CRC64NVME = { high: 0x9a6c9329, low: 0xac4bc9b5 };

const tableOf32C = once(() =>
  Uint32Array.from({ length: 256 }, (_, byte) => shifted({ high: 0, low: byte }, 0, CRC32C).low),
);

export function crc32c(): Crc {
  const table = tableOf32C();
  let value = 0xffffffff;
  return {
    update(bytes) {
      for (let i = 0; i < bytes.length; i += 1) value = (value >>> 8) ^ table[(value ^ bytes[i]!) & 0xff]!;
    },
    digest() {
      const digest = Buffer.alloc(4);
      digest.writeUInt32BE(~value >>> 0);
      return digest;
    },
  };
}

const tableOf64 = once(() => {
  const words = Array.from({ length: 256 }, (_, byte) =>
    shifted({ high: 0, low: byte }, CRC64NVME.high, CRC64NVME.low),
  );
  return { high: Uint32Array.from(words, ({ high }) => high), low: Uint32Array.from(words, ({ low }) => low) };
});

/** In two halves of 32 bits: BigInt would be a hundred times slower. */
export function crc64nvme(): Crc {
  const table = tableOf64();
  let high = 0xffffffff;
  let low = 0xffffffff;
  return {
    update(bytes) {
      for (let i = 0; i < bytes.length; i += 1) {
        const index = (low ^ bytes[i]!) & 0xff;
        low = ((low >>> 8) | (high << 24)) ^ table.low[index]!;
        high = (high >>> 8) ^ table.high[index]!;
      }
    },
    digest() {
      const digest = Buffer.alloc(8);
      digest.writeUInt32BE(~high >>> 0);
      digest.writeUInt32BE(~low >>> 0, 4);
      return digest;
    },
  };
}

interface Word {
  readonly high: number;
  readonly low: number;
}

/** Eight steps of the register for one byte. */
function shifted({ high, low }: Word, polynomialHigh: number, polynomialLow: number): Word {
  let [h, l] = [high, low];
  for (let bit = 0; bit < 8; bit += 1) {
    const odd = l & 1;
    l = (l >>> 1) | ((h & 1) << 31);
    h = h >>> 1;
    if (odd) [h, l] = [h ^ polynomialHigh, l ^ polynomialLow];
  }
  return { high: h >>> 0, low: l >>> 0 };
}

function once<T>(make: () => T): () => T {
  let made: T | undefined;
  return () => {
    made ??= make();
    return made;
  };
}
