/** What no block holds yet: fresh blocks and bundles that are not merged. */
import type { AccountSession } from '../platform/account-session.ts';
import type { Group } from './codec/block.ts';
import { readCompaction } from './compaction/compaction-store.ts';
import { readFreshBlocks } from './fresh-block-store.ts';

export interface Pending {
  readonly groups: readonly Group[];
  /** `yyyy-mm-dd`: days up to this one have summaries, which hold all that blocks hold of them. */
  readonly closed: string;
}

/** The watermarks are read first: what is merged meanwhile is found here, in the blocks, or in both. */
export async function readPending(
  session: AccountSession,
  product: string,
  filter: {
    bucket?: string | undefined;
    device?: string | undefined;
    stream?: string | undefined;
    from?: number;
    to?: number;
  },
): Promise<Pending> {
  const { watermark, bundled, closed } = await readCompaction(session, product);
  const groups: Group[] = [];
  for (const range of [{ after: watermark }, { after: bundled, tier: 'BUNDLE' as const }]) {
    for await (const block of readFreshBlocks(session, product, { ...filter, ...range })) groups.push(...block.groups);
  }
  return { groups, closed };
}
