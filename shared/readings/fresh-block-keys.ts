/**
 * Keys of fresh blocks, in the readings table. A product's blocks share a partition, in order of their arrival.
 *
 * | pk                                      | sk       | members                                                           |
 * |-----------------------------------------|----------|-------------------------------------------------------------------|
 * | `A#{account}#P#{product}#FRESH#{shard}` | `{ulid}` | `n` readings, `lo` and `hi` (first and last ts, ms), `s` (sealed block) |
 */
const SHARD = '0';
export const freshPartition = (account: string, product: string) => `A#${account}#P#${product}#FRESH#${SHARD}`;
