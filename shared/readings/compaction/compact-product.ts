/**
 * Compaction of a product: when an hour has closed, its fresh blocks are merged into hour blocks; when a day has closed, what slow
 * devices sent is merged into day blocks, and each day is summed up. Late readings go into the hour or day that they belong to.
 *
 * Every step adds to what stands and may be done again, so that a run that is killed at any point is simply made up for by the next.
 * The watermark moves last: until then readers take the same readings from the fresh blocks.
 */
import type { AccountSession } from '../../platform/account-session.ts';
import { dayOf, HOUR_MS, startOf } from '../blocks/spans.ts';
import { closeDays } from './close-days.ts';
import type { CompactionDeps } from './compaction-deps.ts';
import { type CompactionState, type Lease, saveCompaction, takeLease } from './compaction-store.ts';
import { mergeHour } from './merge-hour.ts';
import { firstArrival, ulidAt } from './pending.ts';

/** A block is named when its batch is written, half a minute at most before it stands. */
const SETTLE_MS = 90_000;
/** The longest that a run's function may take, and somewhat more: a worker that has ended writes nothing. */
export const LEASE_MS = 6 * 60_000;

/** `busy`: another worker is at it; `more`: time ran out, and there is more to do; `done`. */
export type Outcome = 'busy' | 'more' | 'done';

/** `deadline`: epoch ms after which no further hour is begun. */
export const compactProduct =
  (deps: CompactionDeps) =>
  async ({ account, product, deadline }: { account: string; product: string; deadline: number }): Promise<Outcome> => {
    const session = deps.session(account);
    const lease: Lease = { product, owner: deps.newOwner() };
    const now = deps.now();
    const taken = await takeLease(session, lease, { now, until: now + LEASE_MS });
    if (!taken) return 'busy';
    const settled = Math.floor((now - SETTLE_MS) / HOUR_MS) * HOUR_MS;
    const run = { deps, session, lease, settled, deadline };
    return work(run, taken);
  };

interface Run {
  readonly deps: CompactionDeps;
  readonly session: AccountSession;
  readonly lease: Lease;
  /** Epoch ms: the end of the last hour that has closed. */
  readonly settled: number;
  readonly deadline: number;
}

async function work({ deps, session, lease, settled, deadline }: Run, taken: CompactionState): Promise<Outcome> {
  const { account } = session;
  const { product } = lease;
  let state = taken;
  for (;;) {
    const arrival = await firstArrival(session, product, state.watermark);
    const begin = arrival === undefined ? settled : Math.floor(arrival / HOUR_MS) * HOUR_MS;
    // The last day that had closed when the next hour's blocks were written, or by now.
    const closing = dayOf(startOf(dayOf(Math.min(begin, settled))) - 1);
    if (state.open !== '' && state.open <= closing) {
      state = await closeDays({ deps, session, product }, state, closing);
      await saveCompaction(session, lease, state, { release: false });
      // Last: a key that can't be healed fails the run, but keeps no day open.
      await deps.healKeys(session, product);
    }
    if (begin >= settled) break;
    if (deps.now() > deadline) {
      await saveCompaction(session, lease, state, { release: true });
      return 'more';
    }
    const day = dayOf(begin);
    // A later day may be open already: bundles of this one were sealed on it.
    const isFirst = state.open === '' || day < state.open;
    if (isFirst) await deps.dayOpened({ account, product, day });
    const end = begin + HOUR_MS;
    await mergeHour({ deps, session, product }, state, ulidAt(end));
    state = { ...state, watermark: ulidAt(end), open: isFirst ? day : state.open };
    await saveCompaction(session, lease, state, { release: false });
  }
  await saveCompaction(session, lease, state, { release: true });
  return 'done';
}
