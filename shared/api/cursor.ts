/**
 * Cursors of lists: where the next page begins, sealed for one account, route and set of filters, so that a forged, altered or
 * foreign cursor doesn't open. They carry a sort key at most, never a partition key. The key is derived from the account's own.
 */
import { hkdfSync } from 'node:crypto';
import type { AccountSession } from '../platform/account-session.ts';
import { SealError, seal, unseal } from '../platform/sealing.ts';
import { invalid } from './errors.ts';

export interface CursorScope {
  /** The route's id. */
  readonly route: string;
  /** Whatever else the answer depends on; a cursor serves only the request with the same. */
  readonly filters?: unknown;
}

const cursorKey = async (session: AccountSession) =>
  new Uint8Array(hkdfSync('sha256', await session.key(), new Uint8Array(), 'custodia cursor', 32));

const place = (session: AccountSession, { route, filters }: CursorScope) => ({
  account: session.account,
  store: 'cursor',
  pk: route,
  sk: JSON.stringify(filters ?? null),
});

export async function sealCursor(session: AccountSession, scope: CursorScope, position: string): Promise<string> {
  const sealed = seal(await cursorKey(session), place(session, scope), Buffer.from(position));
  return Buffer.from(sealed).toString('base64url');
}

/** Throws a validation error for what `sealCursor` didn't make for this account, route and filters. */
export async function openCursor(session: AccountSession, scope: CursorScope, cursor: string): Promise<string> {
  const refused = () =>
    invalid('/query/cursor', 'is not a cursor of this list: use `next` of the page before, unchanged');
  const sealed = Buffer.from(cursor, 'base64url');
  // Decoding is lenient: other texts mean the same bytes.
  if (sealed.toString('base64url') !== cursor) throw refused();
  try {
    return unseal(await cursorKey(session), place(session, scope), sealed).toString();
  } catch (error) {
    throw error instanceof SealError ? refused() : error;
  }
}
