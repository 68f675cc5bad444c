/**
 * Removes exactly the readings of a range from the live store. A reading that other buckets collect, too, stays theirs: a group
 * carries its list of buckets, and the bucket is taken out of the list, or the readings out of the block.
 */
import type { AccountSession } from '../platform/account-session.ts';
import type { Group, Row } from './codec/block.ts';
import { rewriteFreshBlocks } from './fresh-block-store.ts';

/** All members that are given must match; without a bucket, readings go whichever bucket collects them. */
export interface ReadingRange {
  readonly bucket?: string | undefined;
  readonly device?: string | undefined;
  readonly stream?: string | undefined;
  /** Inclusive, epoch ms. */
  readonly from?: number | undefined;
  /** Exclusive, epoch ms. */
  readonly to?: number | undefined;
}

/** What is left of a block; `undefined`: all of it. */
export function withoutRange(groups: readonly Group[], range: ReadingRange): readonly Group[] | undefined {
  const left = groups.map((group) => groupWithoutRange(group, range));
  return left.every((parts, i) => parts.length === 1 && parts[0] === groups[i]) ? undefined : left.flat();
}

function groupWithoutRange(group: Group, { bucket, device, stream, from, to }: ReadingRange): readonly Group[] {
  if (device !== undefined && group.device !== device) return [group];
  if (stream !== undefined && group.stream !== stream) return [group];
  if (bucket !== undefined && !group.buckets.includes(bucket)) return [group];
  const within = ({ ts }: Row) => (from === undefined || ts >= from) && (to === undefined || ts < to);
  const hit = group.rows.filter(within);
  if (hit.length === 0) return [group];
  const buckets = bucket === undefined ? [] : group.buckets.filter((other) => other !== bucket);
  return [
    { ...group, rows: group.rows.filter((row) => !within(row)) },
    { ...group, buckets, rows: buckets.length > 0 ? hit : [] },
  ].filter(({ rows }) => rows.length > 0);
}

/** Sweeps a page of one store of a product's readings; answers where the next page begins, if there is one. */
type Sweep = (
  session: AccountSession,
  product: string,
  range: ReadingRange,
  after: string | undefined,
) => Promise<string | undefined>;

/** Every live store of readings, one after the other. Each page is seconds of work, and may be swept twice. */
export const SWEEPS: readonly { readonly name: string; readonly sweep: Sweep }[] = [
  {
    name: 'sweep fresh blocks',
    sweep: (session, product, range, after) =>
      rewriteFreshBlocks(session, product, { ...range, after }, (groups) => withoutRange(groups, range)),
  },
];
