/**
 * Ciphertext blobs: version (1 byte), key id (16), nonce (12), tag (16), then AES-256-GCM. The header and the encryption
 * context are associated data: a blob opens only under its own key id and the very context that it was made with.
 */
import { createCipheriv, createDecipheriv, randomBytes } from 'node:crypto';
import { AwsError } from '../../contract.ts';

export type EncryptionContext = Readonly<Record<string, string>>;

const VERSION = 1;
const HEADER = 17;
const NONCE = 12;
const TAG = 16;

export function seal(key: { keyId: string; material: Buffer }, plaintext: Buffer, context: EncryptionContext): Buffer {
  const header = Buffer.concat([Buffer.of(VERSION), Buffer.from(key.keyId.replaceAll('-', ''), 'hex')]);
  const nonce = randomBytes(NONCE);
  const cipher = createCipheriv('aes-256-gcm', key.material, nonce).setAAD(associatedData(header, context));
  const sealed = Buffer.concat([cipher.update(plaintext), cipher.final()]);
  return Buffer.concat([header, nonce, cipher.getAuthTag(), sealed]);
}

/** Which key a blob claims to be under. */
export function keyIdOf(blob: Buffer): string {
  if (blob.length <= HEADER + NONCE + TAG || blob[0] !== VERSION) throw invalidCiphertext();
  return blob.toString('hex', 1, HEADER).replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, '$1-$2-$3-$4-$5');
}

export function open(key: { material: Buffer }, blob: Buffer, context: EncryptionContext): Buffer {
  const nonce = blob.subarray(HEADER, HEADER + NONCE);
  const tag = blob.subarray(HEADER + NONCE, HEADER + NONCE + TAG);
  const decipher = createDecipheriv('aes-256-gcm', key.material, nonce, { authTagLength: TAG });
  decipher.setAuthTag(tag).setAAD(associatedData(blob.subarray(0, HEADER), context));
  try {
    return Buffer.concat([decipher.update(blob.subarray(HEADER + NONCE + TAG)), decipher.final()]);
  } catch {
    throw invalidCiphertext();
  }
}

/** AWS says no more than this, whatever was wrong. */
export const invalidCiphertext = (): AwsError =>
  new AwsError('InvalidCiphertextException', 'The ciphertext is invalid.');

function associatedData(header: Buffer, context: EncryptionContext): Buffer {
  const pairs = Object.entries(context).sort(([a], [b]) => (a < b ? -1 : 1));
  return Buffer.concat([header, Buffer.from(JSON.stringify(pairs))]);
}
