/** Healing: what one of the two stores has lost is made again from the other. A destroyed key stays destroyed. */
import type { AccountSession } from '../platform/account-session.ts';
import { healAccountKey } from './account-key.ts';
import { dataKept } from './data-keys.ts';
import { bucketKeys, dayKeys, deviceKeys, type KeyFamily, placeIn } from './keyring-keys.ts';
import { listRows } from './keyring-store.ts';
import { listCopies } from './second-copies.ts';
import { healKept } from './two-copies.ts';

/** Without a product: the account's key and its buckets'. With one: the keys of its devices and days. */
export async function healKeyring(session: AccountSession, product?: string): Promise<void> {
  const { account } = session;
  if (product === undefined) await healAccountKey(session);
  const families =
    product === undefined ? [bucketKeys(account)] : [deviceKeys(account, product), dayKeys(account, product)];
  for (const family of families) await healFamily(session, family);
}

/** Of an account and one of its products. */
export async function healKeysOf(session: AccountSession, product: string): Promise<void> {
  await healKeyring(session);
  await healKeyring(session, product);
}

/** Two lists tell which keys need a closer look. */
async function healFamily(session: AccountSession, family: KeyFamily): Promise<void> {
  const [rows, copies] = await Promise.all([listRows(session, family.pk), listCopies(session, family.prefix)]);
  const ids = new Set([...rows.keys(), ...[...copies].map((name) => name.slice(family.prefix.length))]);
  for (const id of ids) {
    const place = placeIn(family, id);
    const row = rows.get(id);
    const isWhole = row !== undefined && 'key' in row === copies.has(place.copy);
    if (!isWhole) await healKept(session, dataKept(session, place));
  }
}
