/**
 * One key in two copies: a row of the keyring and an object under another KMS key. Either is made again from the other. The object
 * is written first, so that a row means that both were there; the row alone decides whether the key lives.
 */
import type { AccountSession } from '../platform/account-session.ts';
import { KeyRemains, NoKeyError } from './keyring-errors.ts';
import type { KeyPlace } from './keyring-keys.ts';
import { addRow, type KeyRow, markDestroyed, readRow } from './keyring-store.ts';
import { addCopy, findCopy, hasCopy, removeCopy } from './second-copies.ts';

export type CopyClients = Pick<AccountSession, 'db' | 'tables' | 's3' | 'keyringBucket'>;

/** How a key is wrapped in each copy. What can't be opened is an error, and nothing is written. */
export interface KeptKey extends KeyPlace {
  make(): Promise<{ plain: Uint8Array; row: Uint8Array; copy: Uint8Array }>;
  open(row: Uint8Array): Promise<Uint8Array>;
  toCopy(row: Uint8Array): Promise<Uint8Array>;
  toRow(copy: Uint8Array): Promise<Uint8Array>;
}

function wrappedIn(row: KeyRow): Uint8Array {
  if ('destroyed' in row) throw new NoKeyError('destroyed');
  return row.key;
}

/** Writes the row where there is none, and answers what stands there then. */
async function settleRow(clients: CopyClients, { row }: KeptKey, wrapped: Uint8Array): Promise<KeyRow> {
  if (await addRow(clients, row, wrapped)) return { key: wrapped };
  const standing = await readRow(clients, row);
  if (!standing) throw new Error('A row of the keyring went away while it was read.');
  return standing;
}

/** A lost row is written again from the second copy. */
export async function openKept(clients: CopyClients, kept: KeptKey): Promise<Uint8Array> {
  const row = await readRow(clients, kept.row);
  if (row) return kept.open(wrappedIn(row));
  const copy = await findCopy(clients, kept.copy);
  if (!copy) throw new NoKeyError('missing');
  return kept.open(wrappedIn(await settleRow(clients, kept, await kept.toRow(copy))));
}

/** Whoever comes second, or after a crash, takes the copy that stands there for the key. */
export async function ensureKept(clients: CopyClients, kept: KeptKey): Promise<Uint8Array> {
  const row = await readRow(clients, kept.row);
  if (row) return kept.open(wrappedIn(row));
  const made = await kept.make();
  const copy = await addCopy(clients, kept.copy, made.copy);
  const isOurs = copy === made.copy;
  const standing = await settleRow(clients, kept, isOurs ? made.row : await kept.toRow(copy));
  if ('destroyed' in standing) await removeCopy(clients, kept.copy);
  const wrapped = wrappedIn(standing);
  return wrapped === made.row ? made.plain : kept.open(wrapped);
}

/** First the marker, which keeps everybody from making or healing the key; then the copy; then a look at both. */
export async function destroyKept(clients: CopyClients, { row, copy }: KeyPlace, now: number): Promise<void> {
  await markDestroyed(clients, row, now);
  await removeCopy(clients, copy);
  const [left, hasLeft] = await Promise.all([readRow(clients, row), hasCopy(clients, copy)]);
  if (!left || !('destroyed' in left) || hasLeft) throw new KeyRemains();
}

/** Makes the copy that is lost from the one that is left, and removes what a destruction left behind. */
export async function healKept(clients: CopyClients, kept: KeptKey): Promise<void> {
  const [row, copy] = await Promise.all([readRow(clients, kept.row), findCopy(clients, kept.copy)]);
  if (!row) {
    if (copy) await settleRow(clients, kept, await kept.toRow(copy));
  } else if ('destroyed' in row) {
    if (copy) await removeCopy(clients, kept.copy);
  } else if (!copy) {
    await addCopy(clients, kept.copy, await kept.toCopy(row.key));
    // Destroyed meanwhile: its second step may have come before this copy.
    const now = await readRow(clients, kept.row);
    if (now && 'destroyed' in now) await removeCopy(clients, kept.copy);
  }
}
