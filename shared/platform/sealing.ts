/**
 * Sealing: AES-256-GCM over what a customer entered or sent. The account, the *logical* store and the item's key are associated
 * data, so that a ciphertext moved to another account, store or item doesn't open.
 *
 * Bytes: version (1) · nonce (12) · tag (16) · ciphertext.
 */
import { createCipheriv, createDecipheriv, randomBytes } from 'node:crypto';

const VERSION = 1;
const NONCE = 12;
const TAG = 16;
const HEADER = 1 + NONCE + TAG;
const CIPHER = 'aes-256-gcm';

/** Where a sealed value stands. `store` is the logical name: a restored table has another physical one. */
export interface Place {
  readonly account: string;
  readonly store: string;
  readonly pk: string;
  readonly sk: string;
}

/** What was sealed can't be opened: altered, moved, sealed by another key, or by a version not known here. */
export class SealError extends Error {
  /** Not so for a version that a newer release may know. */
  readonly isDamage: boolean;
  constructor(message: string, { isDamage = true, ...options }: ErrorOptions & { isDamage?: boolean } = {}) {
    super(message, options);
    this.name = 'SealError';
    this.isDamage = isDamage;
  }
}

const associated = ({ account, store, pk, sk }: Place) =>
  Buffer.from(JSON.stringify([VERSION, account, store, pk, sk]));

/** `key` has 32 bytes. */
export function seal(key: Uint8Array, place: Place, plain: Uint8Array): Uint8Array {
  const nonce = randomBytes(NONCE);
  const cipher = createCipheriv(CIPHER, key, nonce);
  cipher.setAAD(associated(place));
  const body = Buffer.concat([cipher.update(plain), cipher.final()]);
  return Buffer.concat([Buffer.of(VERSION), nonce, cipher.getAuthTag(), body]);
}

export function unseal(key: Uint8Array, place: Place, sealed: Uint8Array): Buffer {
  if (sealed.length < HEADER) throw new SealError('A sealed value is truncated.');
  if (sealed[0] !== VERSION) {
    throw new SealError(`A sealed value has version ${sealed[0]}, which is not known here.`, { isDamage: false });
  }
  const decipher = createDecipheriv(CIPHER, key, sealed.subarray(1, 1 + NONCE));
  decipher.setAAD(associated(place));
  decipher.setAuthTag(sealed.subarray(1 + NONCE, HEADER));
  try {
    return Buffer.concat([decipher.update(sealed.subarray(HEADER)), decipher.final()]);
  } catch (cause) {
    throw new SealError('A sealed value does not open: it was altered or moved, or its key is another.', { cause });
  }
}
