/**
 * Keys of fresh blocks, in the readings table. Blocks of a shard share a partition, in order of their arrival; which shards there are
 * says fresh-shards.ts.
 *
 * | pk                                      | sk       | members                                                           |
 * |-----------------------------------------|----------|-------------------------------------------------------------------|
 * | `A#{account}#P#{product}#FRESH#{shard}` | `{ulid}` | `n` readings, `lo` and `hi` (first and last ts, ms), `s` (sealed block), `v` (times it was replaced, from 1), `ttl` |
 */
const prefix = (account: string, product: string) => `A#${account}#P#${product}#FRESH#`;
export const freshPartition = (account: string, product: string, shard: string) => prefix(account, product) + shard;

/** Sort keys between two ULIDs, both exclusive but for `last`, which no condition of DynamoDB can leave out together with `first`. */
export const freshRange = (after: string | undefined, before: string | undefined) => ({
  // What follows an id directly.
  first: after === undefined ? '0' : `${after}0`,
  last: before ?? '~',
});
