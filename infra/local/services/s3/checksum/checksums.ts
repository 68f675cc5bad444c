/** The checksums of S3: which one a request claims, and computing it while a payload passes. */
import { createHash } from 'node:crypto';
import { crc32 } from 'node:zlib';
import { AwsError } from '../../../contract.ts';
import type { Headers } from '../protocol/s3-request.ts';
import { type Crc, crc32c, crc64nvme } from './crc.ts';

export const ALGORITHMS = ['CRC32', 'CRC32C', 'CRC64NVME', 'SHA1', 'SHA256'] as const;
export type Algorithm = (typeof ALGORITHMS)[number];

/** `COMPOSITE`: of the parts' checksums, not of the content. */
export type ChecksumType = 'FULL_OBJECT' | 'COMPOSITE';

export interface Checksum {
  readonly algorithm: Algorithm;
  /** Base64; a composite one ends in `-{parts}`. */
  readonly value: string;
  readonly type: ChecksumType;
}

const MAKERS: Readonly<Record<Algorithm, () => Crc>> = {
  CRC32: plainCrc32,
  CRC32C: crc32c,
  CRC64NVME: crc64nvme,
  SHA1: () => hash('sha1'),
  SHA256: () => hash('sha256'),
};

export const summer = (algorithm: Algorithm): Crc => MAKERS[algorithm]();
export const checksumHeader = (algorithm: Algorithm): string => `x-amz-checksum-${algorithm.toLowerCase()}`;

export function algorithmNamed(name: string): Algorithm {
  const found = ALGORITHMS.find((algorithm) => algorithm === name.toUpperCase());
  if (!found) throw new AwsError('InvalidRequest', `The laptop's S3 doesn't know the checksum algorithm ${name}.`);
  return found;
}

export interface ClaimedChecksum {
  readonly algorithm: Algorithm;
  /** Absent: it follows the payload, as a trailing header. */
  readonly value: string | undefined;
}

/** What a request says of its payload, in a header or as a trailer to come. */
export function claimedChecksum(headers: Headers): ClaimedChecksum | undefined {
  const trailers = (headers['x-amz-trailer'] ?? '').split(',').map((name) => name.trim().toLowerCase());
  const named = [...Object.keys(headers), ...trailers].filter(
    (name) => name.startsWith('x-amz-checksum-') && !NOT_A_VALUE.has(name),
  );
  const [name, more] = new Set(named);
  if (name === undefined) return undefined;
  if (more !== undefined) throw new AwsError('InvalidRequest', 'Expecting a single x-amz-checksum- header.');
  const algorithm = algorithmNamed(name.slice('x-amz-checksum-'.length));
  return { algorithm, value: headers[name] };
}

const NOT_A_VALUE: ReadonlySet<string> = new Set([
  'x-amz-checksum-mode',
  'x-amz-checksum-algorithm',
  'x-amz-checksum-type',
]);

export const checksumHeaders = (checksum: Checksum | undefined): Record<string, string> =>
  checksum ? { [checksumHeader(checksum.algorithm)]: checksum.value, 'x-amz-checksum-type': checksum.type } : {};

/** `ChecksumCRC32`, as XML names it. */
export const checksumMember = ({
  algorithm,
  value,
}: Pick<Checksum, 'algorithm' | 'value'>): Record<string, string> => ({
  [`Checksum${algorithm}`]: value,
});

function plainCrc32(): Crc {
  let value = 0;
  return {
    update(bytes) {
      value = crc32(bytes, value);
    },
    digest() {
      const digest = Buffer.alloc(4);
      digest.writeUInt32BE(value);
      return digest;
    },
  };
}

function hash(name: string): Crc {
  const sum = createHash(name);
  return { update: (bytes) => void sum.update(bytes), digest: () => sum.digest() };
}
