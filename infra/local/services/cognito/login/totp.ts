/** Time-based one-time codes (RFC 6238): SHA-1, 6 digits, 30 seconds, as every authenticator app expects. */
import { createHmac, randomBytes } from 'node:crypto';
import { sameSecret } from '../store/random.ts';

const ALPHABET = 'ABCDEFGHIJKLMNOPQRSTUVWXYZ234567';
const STEP = 30_000;

/** 160 bits in base32: 32 characters, without padding. */
export const newTotpSecret = (): string => [...randomBytes(32)].map((byte) => ALPHABET[byte & 31]).join('');

function decodeBase32(text: string): Buffer {
  const bits = [...text].map((letter) => ALPHABET.indexOf(letter).toString(2).padStart(5, '0')).join('');
  return Buffer.from(bits.match(/.{8}/g)?.map((byte) => Number.parseInt(byte, 2)) ?? []);
}

export function totpCode(secret: string, step: number): string {
  const counter = Buffer.alloc(8);
  counter.writeBigUInt64BE(BigInt(step));
  const mac = createHmac('sha1', decodeBase32(secret)).update(counter).digest();
  const offset = mac[mac.length - 1]! & 15;
  return String((mac.readUInt32BE(offset) & 0x7fffffff) % 1_000_000).padStart(6, '0');
}

export const totpStep = (now: number): number => Math.floor(now / STEP);

/** The time step whose code this is: now, or one step before or after, since clocks differ. */
export const matchingStep = (secret: string, code: string, now: number): number | undefined =>
  [0, -1, 1].map((skew) => totpStep(now) + skew).find((step) => sameSecret(totpCode(secret, step), code));

export const totpUri = (secret: string, issuer: string, account: string): string =>
  `otpauth://totp/${encodeURIComponent(issuer)}:${encodeURIComponent(account)}?secret=${secret}&issuer=${encodeURIComponent(issuer)}`;
