/**
 * Keys of fresh blocks and bundles, in the readings table. Blocks of a shard share a partition, in order of their arrival; which
 * shards there are says fresh-shards.ts.
 *
 * | pk                                      | sk       | members                                                           |
 * |-----------------------------------------|----------|-------------------------------------------------------------------|
 * | `A#{account}#P#{product}#FRESH#{shard}` | `{ulid}` | `n` readings, `lo` and `hi` (first and last ts, ms), `s` (sealed block), `v` (times it was replaced, from 1), `ttl` |
 * | `A#{account}#P#{product}#BUNDLE#{shard}` | `{ulid}` | the same: an hour of devices of few readings, until their day block is written |
 */

/** What waits to be merged: as it arrived, or merged by the hour. */
export type Tier = 'FRESH' | 'BUNDLE';

export const freshPartition = (account: string, product: string, { tier, shard }: { tier: Tier; shard: string }) =>
  `A#${account}#P#${product}#${tier}#${shard}`;

/** Sort keys between two ULIDs, both exclusive but for `last`, which no condition of DynamoDB can leave out together with `first`. */
export const freshRange = (after: string | undefined, before: string | undefined) => ({
  // What follows an id directly.
  first: after === undefined ? '0' : `${after}0`,
  last: before ?? '~',
});
