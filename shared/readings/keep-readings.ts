/** Keeps readings that ingest has packed: in one block where an item can hold it, readable as soon as it is written. */
import type { AccountSession } from '../platform/account-session.ts';
import type { Group, Row } from './codec/block.ts';
import { putFreshBlock } from './fresh-block-store.ts';
import { halve } from './halve-groups.ts';

/** Answers the readings that no block can hold; all others are kept. `newBlockId` mints ULIDs. */
export async function keepReadings(
  session: AccountSession,
  { product, groups }: { product: string; groups: readonly Group[] },
  newBlockId: () => string,
): Promise<readonly Row[]> {
  if (await putFreshBlock(session, { id: newBlockId(), product, groups })) return [];
  const halves = halve(groups);
  if (!halves) return groups.flatMap(({ rows }) => rows);
  const refused = [];
  for (const half of halves) refused.push(...(await keepReadings(session, { product, groups: half }, newBlockId)));
  return refused;
}
