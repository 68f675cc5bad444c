/**
 * The sweep of what no block holds yet. It holds the lease of compaction, page by page: so when it has passed, no compaction is under
 * way that has read what is deleted and not written it yet, and the sweep of blocks, which follows, finds all of it.
 */
import { randomUUID } from 'node:crypto';
import { setTimeout } from 'node:timers/promises';
import type { AccountSession } from '../platform/account-session.ts';
import { Contention } from '../platform/transact.ts';
import { LEASE_MS } from './compaction/compact-product.ts';
import { type CompactionState, saveCompaction, takeLease } from './compaction/compaction-store.ts';
import { type ReadingRange, type SweepPage, withoutRange } from './delete-range.ts';
import type { Tier } from './fresh-block-keys.ts';
import { readFreshBlocks, replaceFreshBlock } from './fresh-block-store.ts';

/** Blocks that are looked at before the next page begins. */
const PAGE = 500;
const TIERS: readonly Tier[] = ['FRESH', 'BUNDLE'];
/** Compaction gives its lease back within minutes; who has waited this long comes again. */
const TRIES = 40;
const PAUSE_MS = 500;

/** Where a page ends: the tier, and the last block's place. */
const parsePlace = (place: string | undefined) => {
  const [tier = 'FRESH', after = ''] = place?.split(' ') ?? [];
  return { tier, after };
};

/** Sweeps a page; answers where the next begins, if there is one. */
export async function sweepPending(
  session: AccountSession,
  product: string,
  { range, after, now }: SweepPage,
): Promise<string | undefined> {
  const lease = { product, owner: randomUUID() };
  const state = await waitForLease(session, lease, now);
  try {
    return await sweepPage(session, product, { range, state, place: parsePlace(after) });
  } finally {
    await saveCompaction(session, lease, state, { release: true });
  }
}

async function waitForLease(
  session: AccountSession,
  lease: { product: string; owner: string },
  now: number,
): Promise<CompactionState> {
  for (let tries = 1; tries <= TRIES; tries++) {
    const state = await takeLease(session, lease, { now, until: now + LEASE_MS });
    if (state) return state;
    await setTimeout(PAUSE_MS);
  }
  throw new Contention(new Error('The product is being compacted.'));
}

async function sweepPage(
  session: AccountSession,
  product: string,
  { range, state, place }: { range: ReadingRange; state: CompactionState; place: ReturnType<typeof parsePlace> },
): Promise<string | undefined> {
  const begin = place.tier === 'BUNDLE' ? 1 : 0;
  let seen = 0;
  for (const [i, tier] of TIERS.slice(begin).entries()) {
    const merged = tier === 'FRESH' ? state.watermark : state.bundled;
    const from = { tier, after: merged || undefined, afterPlace: i === 0 ? place.after : '' };
    for await (const block of readFreshBlocks(session, product, from)) {
      const left = withoutRange(block.groups, range);
      if (left && !(await replaceFreshBlock(session, product, { ...block, groups: left }))) {
        throw new Contention(new Error('A fresh block was changed by another.'));
      }
      seen += 1;
      if (seen === PAGE) return `${tier} ${block.place}`;
    }
  }
  return undefined;
}
