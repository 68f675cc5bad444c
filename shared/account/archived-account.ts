/** The account's profile as an archive holds it: `data/account.json`. */
import * as z from 'zod';
import type { AccountSession } from '../platform/account-session.ts';
import { isoTime } from '../platform/clock.ts';
import { account as accountSchema } from './account.ts';
import { accountKey } from './account-keys.ts';
import { accounts } from './account-store.ts';

export const accountDocument = z.strictObject(accountSchema.shape);
export type AccountDocument = z.output<typeof accountDocument>;

/** Throws where there is none: every account has a profile. */
export async function archivedAccount(session: AccountSession): Promise<AccountDocument> {
  const stored = await accounts.get(session, accountKey(session.account));
  if (!stored) throw new Error('The account has no profile.');
  const { sealed, createdAt, updatedAt } = stored;
  return { id: session.account, ...sealed, createdAt: isoTime(createdAt), updatedAt: isoTime(updatedAt) };
}
