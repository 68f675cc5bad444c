/** Halves readings that are too many for one block. Pure. */
import type { Row } from './codec/block.ts';

/** The first and the second half of the readings; `undefined` where there is only one. */
export function halve<G extends { readonly rows: readonly Row[] }>(
  groups: readonly G[],
): readonly [G[], G[]] | undefined {
  const count = groups.reduce((sum, { rows }) => sum + rows.length, 0);
  if (count < 2) return undefined;
  const halves: [G[], G[]] = [[], []];
  let left = Math.floor(count / 2);
  for (const group of groups) {
    const cut = Math.min(left, group.rows.length);
    left -= cut;
    if (cut > 0) halves[0].push({ ...group, rows: group.rows.slice(0, cut) });
    if (cut < group.rows.length) halves[1].push({ ...group, rows: group.rows.slice(cut) });
  }
  return halves;
}
