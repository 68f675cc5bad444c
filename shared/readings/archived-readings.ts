/**
 * Readings as an archive holds them: of a bucket, a device and a UTC day a file, a line each, in the order of time, then stream, then
 * value. They go by the hour from blocks to lines, so that neither a day nor a device is ever held whole.
 */
import * as z from 'zod';
import { timeField } from '../api/fields.ts';
import { streamField } from '../bucket/bucket.ts';
import type { AccountSession } from '../platform/account-session.ts';
import type { JsonValue } from '../platform/json-value.ts';
import type { BlockOwner } from './blocks/block-keys.ts';
import { dayOf } from './blocks/spans.ts';
import { unite } from './blocks/stream-rows.ts';
import type { Group } from './codec/block.ts';
import { readSlices } from './read-days.ts';

export const readingLine = z.strictObject({
  ts: timeField,
  receivedAt: timeField.describe('To the second.'),
  stream: streamField,
  value: z.custom<JsonValue>((value) => value !== undefined, 'is required').meta({ description: 'Any JSON value.' }),
});
export type ReadingLine = z.output<typeof readingLine>;

/** A reading of a known device; times are epoch ms. */
export interface ArchivedReading {
  readonly ts: number;
  readonly receivedAt: number;
  readonly stream: string;
  readonly value: JsonValue;
}

export interface ArchivedHour {
  /** `yyyy-mm-dd` */
  readonly day: string;
  /** One at least; those of an hour, in order, none twice. */
  readonly readings: readonly ArchivedReading[];
}

export interface ArchivedRange {
  /** Inclusive, epoch ms. */
  readonly from: number;
  /** Exclusive. */
  readonly to: number;
  /** Only what was received before this time, epoch ms: what arrived later is no part of it. */
  readonly before: number;
}

/** Hour by hour, those without readings left out. `pending`: what no block holds yet of this device. */
export async function* archivedHours(
  session: AccountSession,
  { product, ...of }: BlockOwner,
  { from, to, before, pending }: ArchivedRange & { pending: readonly Group[] },
): AsyncGenerator<ArchivedHour> {
  const range = { from, to, order: 'asc' as const };
  const own = pending.filter(({ buckets }) => buckets.includes(of.bucket));
  for await (const { groups, bound } of readSlices(session, product, { ...of, range, pending: own })) {
    const readings = inOrder(groups, before);
    if (readings.length > 0) yield { day: dayOf(bound - 1), readings };
  }
}

function inOrder(groups: readonly Group[], before: number): ArchivedReading[] {
  const readings: ArchivedReading[] = [];
  for (const { stream, rows } of unite([groups])) {
    for (const { ts, receivedAt, value } of rows) {
      if (receivedAt < before) readings.push({ ts, receivedAt, stream, value });
    }
  }
  // Streams came in the order of their names, which a stable sort keeps.
  return readings.sort((a, b) => a.ts - b.ts);
}
