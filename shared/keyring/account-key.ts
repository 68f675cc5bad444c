/**
 * The account's key, which wraps all its others: in the table wrapped by the master key, in its second copy by the recovery key,
 * each with the account as encryption context. From one to the other it goes inside KMS. Without KMS nothing is opened.
 */
import { DecryptCommand, GenerateDataKeyCommand, IncorrectKeyException, ReEncryptCommand } from '@aws-sdk/client-kms';
import type { AccountSession } from '../platform/account-session.ts';
import { accountKeyPlace } from './keyring-keys.ts';
import { readRow, replaceRow } from './keyring-store.ts';
import { findCopy } from './second-copies.ts';
import { type CopyClients, ensureKept, healKept, type KeptKey, openKept } from './two-copies.ts';

export const KEY_BYTES = 32;

export type AccountKeyClients = CopyClients & Pick<AccountSession, 'account' | 'kms' | 'masterKeyId' | 'recoveryKeyId'>;

function accountKept({ account, kms, masterKeyId, recoveryKeyId }: AccountKeyClients): KeptKey {
  const EncryptionContext = { account };

  async function rewrap(wrapped: Uint8Array, from: string, to: string): Promise<Uint8Array> {
    const { CiphertextBlob } = await kms.send(
      new ReEncryptCommand({
        CiphertextBlob: wrapped,
        SourceKeyId: from,
        SourceEncryptionContext: EncryptionContext,
        DestinationKeyId: to,
        DestinationEncryptionContext: EncryptionContext,
      }),
    );
    if (!CiphertextBlob) throw new Error('KMS answered no wrapped key.');
    return CiphertextBlob;
  }
  const toCopy = (row: Uint8Array) => rewrap(row, masterKeyId, recoveryKeyId);

  return {
    ...accountKeyPlace(account),
    async make() {
      const { Plaintext: plain, CiphertextBlob: row } = await kms.send(
        new GenerateDataKeyCommand({ KeyId: masterKeyId, KeySpec: 'AES_256', EncryptionContext }),
      );
      if (plain?.length !== KEY_BYTES || !row) throw new Error('KMS made no 256-bit key.');
      return { plain, row, copy: await toCopy(row) };
    },
    async open(row) {
      const { Plaintext } = await kms.send(
        new DecryptCommand({ KeyId: masterKeyId, CiphertextBlob: row, EncryptionContext }),
      );
      if (Plaintext?.length !== KEY_BYTES) throw new Error('KMS answered no 256-bit key.');
      return Plaintext;
    },
    toCopy,
    toRow: (copy) => rewrap(copy, recoveryKeyId, masterKeyId),
  };
}

/** Makes the key of a new account, in both copies. A rerun finishes what failed half-way, and makes no second key. */
export async function createAccountKey(clients: AccountKeyClients): Promise<void> {
  await ensureKept(clients, accountKept(clients));
}

export const openAccountKey = (clients: AccountKeyClients): Promise<Uint8Array> =>
  openKept(clients, accountKept(clients));

/** Also where the master key was lost and is another now: then the second copy is wrapped by the new one. */
export async function healAccountKey(clients: AccountKeyClients): Promise<void> {
  const kept = accountKept(clients);
  const row = await readRow(clients, kept.row);
  if (row && 'key' in row) {
    try {
      await kept.open(row.key);
    } catch (error) {
      const copy = error instanceof IncorrectKeyException ? await findCopy(clients, kept.copy) : undefined;
      if (!copy) throw error;
      await replaceRow(clients, kept.row, row.key, await kept.toRow(copy));
    }
  }
  await healKept(clients, kept);
}
