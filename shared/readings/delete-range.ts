/**
 * Takes exactly the readings of a range out of groups. A reading that other buckets collect, too, stays theirs: a group carries its
 * list of buckets, and the bucket is taken out of the list, or the readings out of the block. Pure.
 */
import type { Group, Row } from './codec/block.ts';

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

/** A page of a sweep: `buckets`: whose blocks may match, in order; `after`: where the page before ended; `now`: epoch ms. */
export interface SweepPage {
  readonly range: ReadingRange;
  readonly buckets: readonly string[];
  readonly after: string | undefined;
  readonly now: number;
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
