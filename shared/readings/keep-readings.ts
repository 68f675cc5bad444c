/** Keeps readings in fresh blocks: in one, or in one for each shard where that would be large. They are readable as soon as they are written. */
import type { AccountSession } from '../platform/account-session.ts';
import type { Group, Row } from './codec/block.ts';
import { type NumberedGroup, type Packed, packFresh } from './fresh-block.ts';
import type { Tier } from './fresh-block-keys.ts';
import { numbered, putFreshBlock } from './fresh-block-store.ts';
import { shardFor } from './fresh-shards.ts';
import { halve } from './halve-groups.ts';

interface Kept {
  readonly product: string;
  readonly groups: readonly Group[];
  /** Default: fresh blocks. */
  readonly tier?: Tier;
  /** Numbers of the devices, where the caller knows them. */
  readonly numbers?: ReadonlyMap<string, number>;
}

/** Answers the readings that no block can hold; all others are kept. `newBlockId` mints ULIDs. */
export async function keepReadings(
  session: AccountSession,
  { product, groups, tier = 'FRESH', numbers }: Kept,
  newBlockId: () => string,
): Promise<readonly Row[]> {
  const all = (await numbered(session, product, groups, numbers)).filter(({ rows }) => rows.length > 0);
  const whole = packFresh(all);
  const shardOf = shardFor(whole.bytes.length);
  const pieces = Map.groupBy(all, ({ number }) => shardOf(number));
  const refused = await Promise.all(
    [...pieces].map(([shard, piece]) => keep(shard, piece, pieces.size === 1 ? whole : packFresh(piece))),
  );
  return refused.flat();

  async function keep(shard: string, piece: readonly NumberedGroup[], packed: Packed): Promise<readonly Row[]> {
    if (await putFreshBlock(session, product, { tier, shard, id: newBlockId(), packed })) return [];
    const halves = halve(piece);
    if (!halves) return piece.flatMap(({ rows }) => rows);
    const rest = [];
    for (const half of halves) rest.push(...(await keep(shard, half, packFresh(half))));
    return rest;
  }
}
