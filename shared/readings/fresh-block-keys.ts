/**
 * Keys of fresh blocks and bundles, in the readings table. A product's stand in one partition, by the UTC hour of their arrival, then by
 * shard: so who asks for all reads them in a row, and who asks for one device its shards of each hour that is not merged yet.
 *
 * | pk                              | sk                       | members                                                           |
 * |---------------------------------|--------------------------|-------------------------------------------------------------------|
 * | `A#{account}#P#{product}#FRESH` | `{hour}#{shard}#{ulid}`  | `n` readings, `lo` and `hi` (first and last ts, ms), `s` (sealed block), `v` (times it was replaced, from 1), `ttl` |
 * | `A#{account}#P#{product}#BUNDLE` | `{hour}#{shard}#{ulid}` | the same: an hour of devices of few readings, until their day block is written |
 */
import { decodeTime } from 'ulid';

/** What waits to be merged: as it arrived, or merged by the hour. */
export type Tier = 'FRESH' | 'BUNDLE';

export const freshPartition = (account: string, product: string, tier: Tier) => `A#${account}#P#${product}#${tier}`;

/** `2026-11-28T07`, the hour of a ULID. */
export const hourOfId = (id: string): string => new Date(decodeTime(id)).toISOString().slice(0, 13);

/** `id`: a ULID. */
export const freshSortKey = ({ shard, id }: { shard: string; id: string }) => `${hourOfId(id)}#${shard}#${id}`;
export function parseFreshSortKey(sk: string): { shard: string; id: string } {
  const [, shard = '', id = ''] = sk.split('#');
  return { shard, id };
}

/** Sort keys from the hour of one ULID to that of another, which is left out where it begins there; `undefined`: to the last. */
export const hoursBetween = (after: string | undefined, before: string | undefined) => ({
  first: after ? hourOfId(after) : '0',
  last: before ? (isFirstOfHour(before) ? hourOfId(before) : afterHour(hourOfId(before))) : '~',
});
const isFirstOfHour = (id: string) => decodeTime(id) % 3_600_000 === 0 && /0{16}$/.test(id);
/** Above all sort keys of an hour, below the next. */
export const afterHour = (hour: string): string => `${hour}~`;
/** Sort keys of a shard in an hour. */
export const shardInHour = (hour: string, shard: string) => ({
  first: `${hour}#${shard}#`,
  last: `${hour}#${shard}#~`,
});
