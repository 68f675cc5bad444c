/** How long readings of a bucket are kept. */
import type { AccountSession } from '../platform/account-session.ts';
import { buckets } from './bucket-store.ts';

const DAY_MS = 86_400_000;

/** Of a bucket that is there: after how many days its readings are gone; none: never. */
export interface Retention {
  readonly days: number | undefined;
}

/** Of every bucket of the account. */
export async function retentions(session: AccountSession): Promise<ReadonlyMap<string, Retention>> {
  const instructions = await buckets.instructions(session);
  return new Map(instructions.map(({ id, retentionDays: days }) => [id, { days }]));
}

/** The first time that is still kept, epoch ms: what is older can't be read any more. */
export const keptFrom = ({ days }: Retention, now: number): number => (days === undefined ? 0 : now - days * DAY_MS);

/** When an item whose last reading may be of `end` (epoch ms) is let go, in epoch seconds; `undefined`: never. */
export const expiryOf = ({ days }: Retention, end: number): number | undefined =>
  days === undefined ? undefined : Math.ceil((end + days * DAY_MS) / 1000);
