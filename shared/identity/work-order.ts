/**
 * Work orders: what a job shows instead of a token, which it outlives, with the rights that the token had. The broker seals one for
 * whoever shows a token of the account; the broker and the provisioner open it, and nobody else can: the ciphertext is bound to an
 * encryption context that no account's session may use.
 */
import { DecryptCommand, EncryptCommand, type KMSClient } from '@aws-sdk/client-kms';
import * as z from 'zod';
import { ACCOUNT_SCOPES } from '../api/scopes.ts';
import { idSchema } from '../platform/ids.ts';

/** No job runs longer than its order lives. */
export const ORDER_LIFE_MS = 7 * 86_400_000;

export const workOrder = z.strictObject({
  account: idSchema('account'),
  rights: z.array(z.enum(ACCOUNT_SCOPES)),
  /** Epoch milliseconds. */
  issuedAt: z.int(),
});
export type WorkOrder = z.output<typeof workOrder>;

/** Base64: 1,400 characters with all rights. */
export const sealedOrderField = z.string().min(1).max(2048);

export interface OrderSeal {
  readonly kms: KMSClient;
  readonly masterKeyId: string;
}

const contextOf = (account: string) => ({ workOrder: account });

export async function sealOrder({ kms, masterKeyId }: OrderSeal, order: WorkOrder): Promise<string> {
  const { CiphertextBlob } = await kms.send(
    new EncryptCommand({
      KeyId: masterKeyId,
      Plaintext: Buffer.from(JSON.stringify(order)),
      EncryptionContext: contextOf(order.account),
    }),
  );
  if (!CiphertextBlob) throw new Error('KMS answered no ciphertext.');
  return Buffer.from(CiphertextBlob).toString('base64');
}

/** What KMS says of bytes that it did not encrypt under this key and for this context. */
const NO_ORDER = new Set(['InvalidCiphertextException', 'IncorrectKeyException']);

/** Answers `undefined` for what is no order of this account, or is older than an order lives. Throws when that can't be found out. */
export async function openOrder(
  { kms, masterKeyId }: OrderSeal,
  shown: { account: string; order: string },
  now: number,
): Promise<WorkOrder | undefined> {
  try {
    const { Plaintext } = await kms.send(
      new DecryptCommand({
        KeyId: masterKeyId,
        CiphertextBlob: Buffer.from(shown.order, 'base64'),
        EncryptionContext: contextOf(shown.account),
      }),
    );
    const order = workOrder.parse(JSON.parse(Buffer.from(Plaintext ?? []).toString()));
    return order.account === shown.account && now - order.issuedAt < ORDER_LIFE_MS ? order : undefined;
  } catch (error) {
    if (error instanceof Error && NO_ORDER.has(error.name)) return undefined;
    throw error;
  }
}
