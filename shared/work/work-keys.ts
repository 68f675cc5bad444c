/**
 * Keys of the work table: what is due when, ids alone.
 *
 * | pk                              | sk                             | members                          | written by                      |
 * |---------------------------------|--------------------------------|----------------------------------|---------------------------------|
 * | `DUE#{kind}#{slot}#{shard}`     | `{account}#{product}[#{day}]`  | `account`, `product`, `day?`     | whoever learns that it is due   |
 * | `SWEEP#{kind}`                  | `NEXT`                         | `slot`: none before it is left   | sweeper                         |
 *
 * A slot is a UTC hour, `2026-11-28T07`; what stands in it is due from its beginning.
 */
import { createHash } from 'node:crypto';

/** A product's fresh blocks wait to be merged; a product's key of a day is to be destroyed. */
export const DUE_KINDS = ['compaction', 'day-key'] as const;
export type DueKind = (typeof DUE_KINDS)[number];

/** So that the products of a large instance don't all wait in one partition. */
export const DUE_SHARDS = ['0', '1', '2', '3'] as const;

export const duePartition = (kind: DueKind, slot: string, shard: string) => `DUE#${kind}#${slot}#${shard}`;

export function dueKey(
  kind: DueKind,
  slot: string,
  due: { account: string; product: string; day?: string | undefined },
) {
  const shard = createHash('sha256').update(due.account).digest()[0] ?? 0;
  return {
    pk: duePartition(kind, slot, DUE_SHARDS[shard % DUE_SHARDS.length] ?? DUE_SHARDS[0]),
    sk: [due.account, due.product, due.day].filter((part) => part !== undefined).join('#'),
  };
}

export const sweepKey = (kind: DueKind) => ({ pk: `SWEEP#${kind}`, sk: 'NEXT' });
