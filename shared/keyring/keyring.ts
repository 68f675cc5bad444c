/**
 * The keyring: an account's data key, made when the account is opened, wrapped by the master key with the account as encryption
 * context. Plain keys live in memory for at most five minutes. Without KMS nothing is stored and nothing is read: there is no
 * fallback to plain text.
 */
import { GetItemCommand, PutItemCommand } from '@aws-sdk/client-dynamodb';
import { DecryptCommand, GenerateDataKeyCommand } from '@aws-sdk/client-kms';
import { marshall, unmarshall } from '@aws-sdk/util-dynamodb';
import * as z from 'zod';
import type { AccountSession } from '../platform/account-session.ts';
import type { Now } from '../platform/clock.ts';
import { accountKeyKey } from './keyring-keys.ts';

const CACHE_MS = 5 * 60_000;
const wrappedKey = z.object({ key: z.instanceof(Uint8Array) });

type KeyClients = Pick<AccountSession, 'account' | 'db' | 'kms' | 'tables'>;

/** The account has no key: it was never opened, or its key was destroyed. */
export class NoKeyError extends Error {
  constructor() {
    super('The account has no key.');
    this.name = 'NoKeyError';
  }
}

/** Makes the key of a new account. Fails if there is one. */
export async function createAccountKey(session: AccountSession): Promise<void> {
  const { account, db, kms, tables, masterKeyId } = session;
  const made = await kms.send(
    new GenerateDataKeyCommand({ KeyId: masterKeyId, KeySpec: 'AES_256', EncryptionContext: { account } }),
  );
  await db.send(
    new PutItemCommand({
      TableName: tables.keyring,
      Item: marshall({ ...accountKeyKey(account), key: made.CiphertextBlob }),
      ConditionExpression: 'attribute_not_exists(pk)',
    }),
  );
}

async function openAccountKey({ account, db, kms, tables }: KeyClients): Promise<Uint8Array> {
  const found = await db.send(
    new GetItemCommand({ TableName: tables.keyring, Key: marshall(accountKeyKey(account)), ConsistentRead: true }),
  );
  if (!found.Item) throw new NoKeyError();
  const { key } = wrappedKey.parse(unmarshall(found.Item));
  const opened = await kms.send(new DecryptCommand({ CiphertextBlob: key, EncryptionContext: { account } }));
  if (opened.Plaintext?.length !== 32) throw new Error('KMS answered no 256-bit key.');
  return opened.Plaintext;
}

/** Plain keys by account, at most five minutes old. Concurrent requests for one account open its key once. */
export function keyCache(now: Now) {
  const keys = new Map<string, { key: Promise<Uint8Array>; until: number }>();
  return (clients: KeyClients): Promise<Uint8Array> => {
    const known = keys.get(clients.account);
    if (known && known.until > now()) return known.key;
    const key = openAccountKey(clients);
    keys.set(clients.account, { key, until: now() + CACHE_MS });
    key.catch(() => keys.delete(clients.account));
    return key;
  };
}
