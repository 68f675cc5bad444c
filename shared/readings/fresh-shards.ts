/**
 * Shards of fresh blocks, so that who asks for one device reads little of the others, and small batches still make one item each.
 * A packet whose block is small stays whole, in shard `0`; a larger one is split by device number over 4 shards (`4.0` … `4.3`), a
 * large one over 16 (`16.0` … `16.15`), into items of about one to four KB. Each block says by its place how it was split, so
 * that a device's readings lie in three shards at most, which its number names. Pure.
 */

/** From so many bytes on, a block is split over so many shards. */
const SPLITS = [
  { from: 16 * 1024, over: 16 },
  { from: 4 * 1024, over: 4 },
] as const;
const WHOLE = '0';

const shardAmong = (over: number, number: number) => `${over}.${number % over}`;

/** Where readings of a device may lie. */
export const shardsOf = (number: number): readonly string[] => [
  WHOLE,
  ...SPLITS.map(({ over }) => shardAmong(over, number)),
];

/** The shard of each device of a packet whose block has so many bytes. */
export function shardFor(bytes: number): (number: number) => string {
  const split = SPLITS.find(({ from }) => bytes >= from);
  return (number) => (split ? shardAmong(split.over, number) : WHOLE);
}
