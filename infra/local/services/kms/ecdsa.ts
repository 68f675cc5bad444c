/**
 * ECDSA over P-256 of a digest that the caller has already made, as KMS's `MessageType: DIGEST` wants it: `crypto.sign`
 * always hashes. OpenSSL does the curve (through ECDH's public key), this file the arithmetic modulo its order. Not constant
 * in time, which on a laptop is good enough.
 */
import type { KeyObject } from 'node:crypto';
import { createECDH, randomBytes } from 'node:crypto';

const ORDER = 0xffffffff00000000ffffffffffffffffbce6faada7179e84f3b9cac2fc632551n;
const COORDINATE_BYTES = 32;

/** A DER-encoded signature of a 32-byte digest. */
export function signDigest(privateKey: KeyObject, digest: Buffer): Buffer {
  const { d } = privateKey.export({ format: 'jwk' });
  if (d === undefined) throw new Error('not a private key');
  const secret = toNumber(Buffer.from(d, 'base64url'));
  for (;;) {
    const nonce = toNumber(randomBytes(COORDINATE_BYTES));
    if (nonce === 0n || nonce >= ORDER) continue;
    const r = xOfPoint(nonce) % ORDER;
    const s = modulo(inverse(nonce) * (toNumber(digest) + r * secret));
    if (r !== 0n && s !== 0n) return encodeSequence(r, s);
  }
}

function xOfPoint(scalar: bigint): bigint {
  const curve = createECDH('prime256v1');
  curve.setPrivateKey(Buffer.from(scalar.toString(16).padStart(2 * COORDINATE_BYTES, '0'), 'hex'));
  return toNumber(curve.getPublicKey().subarray(1, 1 + COORDINATE_BYTES));
}

const toNumber = (bytes: Buffer): bigint => BigInt(`0x${bytes.toString('hex')}`);
const modulo = (value: bigint): bigint => ((value % ORDER) + ORDER) % ORDER;

/** Extended Euclid. */
function inverse(value: bigint): bigint {
  let [previous, current] = [modulo(value), ORDER];
  let [x, nextX] = [1n, 0n];
  while (current !== 0n) {
    const quotient = previous / current;
    [previous, current] = [current, previous - quotient * current];
    [x, nextX] = [nextX, x - quotient * nextX];
  }
  return modulo(x);
}

function encodeSequence(...integers: readonly bigint[]): Buffer {
  const encoded = integers.map((integer) => {
    const hex = integer.toString(16);
    const bytes = Buffer.from(hex.length % 2 === 0 ? hex : `0${hex}`, 'hex');
    // A leading zero keeps the number positive.
    const value = (bytes[0] ?? 0) >= 0x80 ? Buffer.concat([Buffer.of(0), bytes]) : bytes;
    return Buffer.concat([Buffer.of(0x02, value.length), value]);
  });
  const content = Buffer.concat(encoded);
  return Buffer.concat([Buffer.of(0x30, content.length), content]);
}
