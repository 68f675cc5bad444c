/**
 * A connector's proof: its id and its secret, in place of an access token. The directory has a SHA-256 of the secret: right for
 * one of 256 random bits, which nobody can guess.
 */
import { createHash, timingSafeEqual } from 'node:crypto';
import * as z from 'zod';
import type { ConnectorKind } from '../connector/connector.ts';
import { type Directory, findAccount, findConnector } from '../directory/directory.ts';
import { idSchema } from '../platform/ids.ts';

export const connectorProof = z.strictObject({
  connector: idSchema('connector'),
  secret: z.string().min(1).max(200),
});
export type ConnectorProof = z.output<typeof connectorProof>;

/** Whom a proof stands for. */
export interface EstablishedConnector {
  readonly id: string;
  readonly account: string;
  readonly product: string;
  readonly kind: ConnectorKind;
  readonly createDevices: boolean;
  /** Of the account. */
  readonly status: 'active' | 'suspended';
}

const digest = (secret: string) => createHash('sha256').update(secret).digest();
export const secretHash = (secret: string): string => digest(secret).toString('base64url');

/** In a time that doesn't tell how much of it is right. */
const isSecret = (secret: string, hash: string): boolean => {
  const known = Buffer.from(hash, 'base64url');
  return known.length === 32 && timingSafeEqual(digest(secret), known);
};

/** Answers `undefined` alike for a connector that isn't there and for a secret that is wrong. */
export const establishConnector =
  (directory: Directory) =>
  async ({ connector, secret }: ConnectorProof): Promise<EstablishedConnector | undefined> => {
    const row = await findConnector(directory, connector);
    if (!row || !isSecret(secret, row.secretHash)) return undefined;
    const account = await findAccount(directory, row.account);
    const { secretHash: _, connectorKind: kind, ...rest } = row;
    return account && { ...rest, kind, id: connector, status: account.status };
  };
