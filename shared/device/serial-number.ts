/**
 * When two serial numbers are one, and how one stands in a key: as an HMAC by a key that only the account has, since nothing that a
 * customer entered may be read from a key. Pure.
 */
import { createHmac, hkdfSync } from 'node:crypto';

/** A DevEUI with what people put between its bytes. */
const SPACED_EUI = /^(?:[0-9a-f]{2}[-: ]){7}[0-9a-f]{2}$/i;

/** Hexadecimal in either case is the same, and so is an EUI-64 with dashes, colons or spaces. */
export function serialForm(serialNumber: string): string {
  const text = serialNumber.trim();
  const plain = SPACED_EUI.test(text) ? text.replaceAll(/[-: ]/g, '') : text;
  return /^[0-9a-f]+$/i.test(plain) ? plain.toLowerCase() : plain;
}

/** 43 characters, none of them `#`. Another for each product, so that no two products can be compared. */
export function serialHash(accountKey: Uint8Array, product: string, serialNumber: string): string {
  const key = new Uint8Array(hkdfSync('sha256', accountKey, new Uint8Array(), 'custodia serial numbers', 32));
  return createHmac('sha256', key)
    .update(JSON.stringify([product, serialForm(serialNumber)]))
    .digest('base64url');
}
