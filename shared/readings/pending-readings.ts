/** What no block holds yet: fresh blocks and bundles that are not merged. */
import type { AccountSession } from '../platform/account-session.ts';
import type { Group } from './codec/block.ts';
import { type CompactionState, readCompaction } from './compaction/compaction-store.ts';
import { readFreshBlocks } from './fresh-block-store.ts';

export interface Pending {
  readonly groups: readonly Group[];
  /** `yyyy-mm-dd`: days up to this one have summaries, which hold all that blocks hold of them. */
  readonly closed: string;
}

interface PendingFilter {
  readonly bucket?: string | undefined;
  readonly device?: string | undefined;
  readonly stream?: string | undefined;
  readonly from?: number;
  readonly to?: number;
}

/** The watermarks are read first: what is merged meanwhile is found here, in the blocks, or in both. */
export async function readPending(session: AccountSession, product: string, filter: PendingFilter): Promise<Pending> {
  const state = await readCompaction(session, product);
  const groups: Group[] = [];
  for await (const found of pendingGroups(session, product, filter, state)) groups.push(...found);
  return { groups, closed: state.closed };
}

async function* pendingGroups(
  session: AccountSession,
  product: string,
  filter: PendingFilter,
  { watermark, bundled }: CompactionState,
): AsyncGenerator<readonly Group[]> {
  for (const range of [{ after: watermark }, { after: bundled, tier: 'BUNDLE' as const }]) {
    for await (const { groups } of readFreshBlocks(session, product, { ...filter, ...range })) yield groups;
  }
}

/**
 * The same of several devices at once, by device: of as many of them, from the first on, as have no more than about `most` readings
 * together, and of one at least. Every block is opened once for all of them, where device by device it would be once for each.
 */
export async function readPendingOfSome(
  session: AccountSession,
  product: string,
  { devices, most, ...filter }: Omit<PendingFilter, 'device'> & { devices: readonly string[]; most: number },
): Promise<{ devices: readonly string[]; pending: ReadonlyMap<string, readonly Group[]> }> {
  const state = await readCompaction(session, product);
  const pending = new Map(devices.map((device): [string, Group[]] => [device, []]));
  const wanted = devices.length === 1 ? { ...filter, device: devices[0] } : filter;
  let rows = 0;
  for await (const groups of pendingGroups(session, product, wanted, state)) {
    for (const group of groups) {
      const own = pending.get(group.device);
      if (!own) continue;
      own.push(group);
      rows += group.rows.length;
    }
    if (rows > most && pending.size > 1) rows -= dropHalf(pending);
  }
  return { devices: [...pending.keys()], pending };
}

/** Leaves out the second half; answers how many readings go with it. */
function dropHalf(pending: Map<string, readonly Group[]>): number {
  let dropped = 0;
  for (const device of [...pending.keys()].slice(Math.ceil(pending.size / 2))) {
    for (const { rows } of pending.get(device) ?? []) dropped += rows.length;
    pending.delete(device);
  }
  return dropped;
}
