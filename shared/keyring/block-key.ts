/** The key of a bucket's blocks of one device. It is stored nowhere: without the bucket's key or the device's, it is no more. */
import { hkdfSync } from 'node:crypto';
import type { AccountSession } from '../platform/account-session.ts';
import { KEY_BYTES } from './account-key.ts';

const PURPOSE = 'custodia/block/v1';

/** 32 bytes. Throws `NoKeyError` where either key is missing or destroyed. */
export async function blockKey(
  { keys }: Pick<AccountSession, 'keys'>,
  { bucket, product, device }: { bucket: string; product: string; device: string },
): Promise<Uint8Array> {
  const [ofBucket, ofDevice] = await Promise.all([keys.open({ bucket }), keys.open({ product, device })]);
  return new Uint8Array(hkdfSync('sha256', ofBucket, ofDevice, PURPOSE, KEY_BYTES));
}
