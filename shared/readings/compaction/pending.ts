/** Fresh blocks and bundles in terms of time: their ids are ULIDs, which begin with the time that they were made at. */
import { decodeTime, encodeTime } from 'ulid';
import type { AccountSession } from '../../platform/account-session.ts';
import { firstFreshBlock } from '../fresh-block-store.ts';

const RANDOM_CHARACTERS = 16;

/** Below every ULID of this time or later, above every earlier one. */
export const ulidAt = (at: number): string => encodeTime(at, 10) + '0'.repeat(RANDOM_CHARACTERS);

/** The time of a ULID, epoch ms; of none, 0. */
export const timeOf = (ulid: string): number => (ulid === '' ? 0 : decodeTime(ulid));

/** When the first fresh block behind which nothing is merged was made, epoch ms; `undefined`: there is none. */
export async function firstArrival(session: AccountSession, product: string, watermark: string) {
  const first = await firstFreshBlock(session, product, watermark);
  return first === undefined ? undefined : timeOf(first);
}
