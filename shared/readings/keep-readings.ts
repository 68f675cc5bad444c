/** Keeps readings that ingest has packed: in one block where an item can hold it, readable as soon as it is written. */
import type { AccountSession } from '../platform/account-session.ts';
import type { Group, Row } from './codec/block.ts';
import type { Tier } from './fresh-block-keys.ts';
import { putFreshBlock } from './fresh-block-store.ts';

/** Answers the readings that no block can hold; all others are kept. `newBlockId` mints ULIDs. */
export async function keepReadings(
  session: AccountSession,
  { product, groups, tier }: { product: string; groups: readonly Group[]; tier?: Tier },
  newBlockId: () => string,
): Promise<readonly Row[]> {
  if (await putFreshBlock(session, { id: newBlockId(), product, groups, ...(tier ? { tier } : {}) })) return [];
  const halves = halve(groups);
  if (!halves) return groups.flatMap(({ rows }) => rows);
  const refused = [];
  for (const half of halves) refused.push(...(await keepReadings(session, { product, groups: half, ...(tier ? { tier } : {}) }, newBlockId)));
  return refused;
}

/** The first and the second half of the readings; `undefined` where there is only one. */
function halve(groups: readonly Group[]): readonly [Group[], Group[]] | undefined {
  const count = groups.reduce((sum, { rows }) => sum + rows.length, 0);
  if (count < 2) return undefined;
  const halves: [Group[], Group[]] = [[], []];
  let left = Math.floor(count / 2);
  for (const group of groups) {
    const cut = Math.min(left, group.rows.length);
    left -= cut;
    if (cut > 0) halves[0].push({ ...group, rows: group.rows.slice(0, cut) });
    if (cut < group.rows.length) halves[1].push({ ...group, rows: group.rows.slice(cut) });
  }
  return halves;
}
