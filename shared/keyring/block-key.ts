import { hkdfSync } from 'node:crypto';
import type { AccountSession } from '../platform/account-session.ts';
export async function blockKey(session: AccountSession, of: { bucket: string; product: string; device: string }) {
  return new Uint8Array(hkdfSync('sha256', await session.key(), new Uint8Array(), JSON.stringify(of), 32));
}
