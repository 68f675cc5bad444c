/**
 * Keys of packed blocks, in the readings table. What belongs to a product stands under it. A span is a UTC hour (`2026-11-28T07`) or,
 * for devices of few readings, a UTC day (`2026-11-28`); a span that outgrows an item goes on in pieces.
 *
 * | pk                                         | sk                     | members                                                      |
 * |--------------------------------------------|------------------------|--------------------------------------------------------------|
 * | `A#{account}#P#{product}#R#{bucket}#{device}` | `{span}`, `{span}.{n}` | `v` version, `p` further pieces, `lo`, `hi` (ms), `s` sealed, `ttl` |
 * | `A#{account}#P#{product}#R#{bucket}`       | `{day}`, `{day}.{n}`   | the day's catalog: `v`, `c` (which devices have blocks), `ttl` |
 * | `A#{account}#P#{product}#S#{bucket}#{device}` | `{day}`             | the day's summary: `v`, `s` sealed, `ttl`                     |
 * | `A#{account}#P#{product}#COMPACTION`       | `STATE`                | how far compaction is; see compaction-store.ts                |
 */

/** Whose readings a block holds. */
export interface BlockOwner {
  readonly product: string;
  readonly bucket: string;
  readonly device: string;
}

export const blockPartition = (account: string, { product, bucket, device }: BlockOwner) =>
  `A#${account}#P#${product}#R#${bucket}#${device}`;
export const catalogPartition = (account: string, product: string, bucket: string) =>
  `A#${account}#P#${product}#R#${bucket}`;
export const summaryPartition = (account: string, { product, bucket, device }: BlockOwner) =>
  `A#${account}#P#${product}#S#${bucket}#${device}`;
export const compactionKey = (account: string, product: string) => ({
  pk: `A#${account}#P#${product}#COMPACTION`,
  sk: 'STATE',
});
/** The n-th piece of a span, counted from 0. */
export const pieceKey = (span: string, n: number): string => (n === 0 ? span : `${span}.${n}`);
export const pieceNumber = (sk: string): number => Number(sk.split('.')[1] ?? 0);
