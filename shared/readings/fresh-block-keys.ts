/**
 * Keys of fresh blocks and bundles, in the readings table. A product's share a partition, in order of their arrival.
 *
 * | pk                                        | sk       | members                                                           |
 * |-------------------------------------------|----------|-------------------------------------------------------------------|
 * | `A#{account}#P#{product}#FRESH#{shard}`   | `{ulid}` | `n` readings, `lo` and `hi` (first and last ts, ms), `s` (sealed block) |
 * | `A#{account}#P#{product}#BUNDLE#{shard}`  | `{ulid}` | the same: an hour of devices of few readings, until their day block is written |
 */

/** What waits to be merged: as it arrived, or once merged by the hour. */
export type Tier = 'FRESH' | 'BUNDLE';

const SHARD = '0';
export const pendingPartition = (account: string, product: string, tier: Tier) =>
  `A#${account}#P#${product}#${tier}#${SHARD}`;
