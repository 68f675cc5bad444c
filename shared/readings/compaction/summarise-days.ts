/** Sums days up from their blocks, anew each time: what stands there is replaced only by who has read the blocks after it. */
import { unlessDestroyed } from '../../keyring/keyring-errors.ts';
import type { AccountSession } from '../../platform/account-session.ts';
import { inParallel } from '../../platform/in-parallel.ts';
import { Contention } from '../../platform/transact.ts';
import { summariseDay } from '../aggregate/day-summary.ts';
import type { BlockOwner } from '../blocks/block-keys.ts';
import { readDevice } from '../blocks/read-device.ts';
import { endOf, startOf } from '../blocks/spans.ts';
import { putSummary, summaryVersion } from '../blocks/summary-store.ts';

const AT_ONCE = 16;
const TRIES = 20;

/** A day of a device in a bucket whose blocks have changed. */
export interface Touched {
  readonly bucket: string;
  readonly device: string;
  readonly day: string;
  /** Epoch seconds at which its blocks expire; `undefined`: never. */
  readonly ttl: number | undefined;
}

export const summariseDays = (session: AccountSession, product: string, days: readonly Touched[]): Promise<void> =>
  inParallel(days, AT_ONCE, async ({ bucket, device, day, ttl }) => {
    await unlessDestroyed(summarise(session, { product, bucket, device }, { day, ttl }));
  });

async function summarise(session: AccountSession, owner: BlockOwner, { day, ttl }: Pick<Touched, 'day' | 'ttl'>) {
  const range = { from: startOf(day), to: endOf(day), order: 'asc' as const };
  for (let tries = 1; tries <= TRIES; tries++) {
    // Before the blocks: whoever changes them later, and sums up, changes it.
    const over = await summaryVersion(session, owner, day);
    const groups = (await Array.fromAsync(readDevice(session, owner, range))).flatMap((slice) => slice.groups);
    const summary = summariseDay(owner.device, range.from, groups);
    if (await putSummary(session, owner, { day, summary, over, ttl })) return;
  }
  throw new Contention(new Error('A summary was changed by others all the time.'));
}
