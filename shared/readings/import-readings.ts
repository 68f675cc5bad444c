/**
 * Readings of an import: straight into the blocks of the hours and days that they belong to, with the times at which they arrived. What
 * is held already, in whatever it stands, is not written again; days that are over are summed up anew.
 */
import { keptFrom, retentions } from '../bucket/retention.ts';
import type { AccountSession } from '../platform/account-session.ts';
import { inParallel } from '../platform/in-parallel.ts';
import { readDevice } from './blocks/read-device.ts';
import { dayOf, endOf, hourOf, startOf } from './blocks/spans.ts';
import { countRows, unite } from './blocks/stream-rows.ts';
import type { Group, Row } from './codec/block.ts';
import { dayExpiry, mergeSpans } from './compaction/merge-hour.ts';
import { partHours, rowsBySpan, type SpanRows } from './compaction/sort-rows.ts';
import { summariseDays } from './compaction/summarise-days.ts';
import { placeOf, sameness } from './find-held.ts';
import { readPending } from './pending-readings.ts';

/** Rows of one stream of a device, for one bucket. */
export interface ImportedRows {
  readonly bucket: string;
  readonly device: string;
  readonly stream: string;
  readonly rows: readonly Row[];
  /** Nothing but this import has ever brought readings there: none is looked for, and all that are there are new. */
  readonly isOwn: boolean;
}

const AT_ONCE = 16;

/** Answers how many were new, and how many are older than their bucket retains and were left out. May be done twice. */
export async function importReadings(
  session: AccountSession,
  product: string,
  { imported, now }: { imported: readonly ImportedRows[]; now: number },
): Promise<{ created: number; expired: number }> {
  const kept = await retentions(session);
  let expired = 0;
  const young = imported.map(({ rows, ...of }) => {
    const from = keptFrom(kept.get(of.bucket) ?? { days: undefined }, now);
    const own = rows.filter(({ ts }) => ts >= from);
    expired += rows.length - own.length;
    return { ...of, rows: own };
  });
  const own = daysOf(young.filter(({ isOwn, bucket }) => isOwn && kept.has(bucket)));
  const others = daysOf(young.filter(({ isOwn }) => !isOwn));
  const { fresh, merged } = await siftHeld(session, product, others);
  const { full, rest } = partHours(rowsBySpan([...own, ...fresh].flatMap(groupsOf), hourOf));
  const touched = await mergeSpans({ session, product }, [...full, ...rowsBySpan(rest, dayOf)]);
  // Whoever was killed between blocks and summaries finds all of it held, and has still to sum up.
  const days = new Map(
    touched.map(({ bucket, device, day, ttl }) => [`${bucket} ${device} ${day}`, { bucket, device, day, ttl }]),
  );
  for (const { bucket, device, span: day } of merged) {
    const retention = kept.get(bucket);
    if (retention) days.set(`${bucket} ${device} ${day}`, { bucket, device, day, ttl: dayExpiry(retention, day) });
  }
  const today = dayOf(now);
  await summariseDays(
    session,
    product,
    [...days.values()].filter(({ day }) => day < today),
  );
  const isOfOwn = new Set(own.map(({ bucket, device, span }) => `${bucket} ${device} ${span}`));
  const ofOthers = touched.filter(({ bucket, device, day }) => !isOfOwn.has(`${bucket} ${device} ${day}`));
  const ownRows = own.reduce((sum, { rows }) => sum + countRows(unite([rows])), 0);
  return { created: ofOthers.reduce((sum, { added }) => sum + added, ownRows), expired };
}

const groupsOf = ({ bucket, device, rows }: SpanRows): Group[] =>
  rows.map((of) => ({ device, buckets: [bucket], ...of }));

const daysOf = (imported: readonly Omit<ImportedRows, 'isOwn'>[]): SpanRows[] =>
  rowsBySpan(
    imported.map(({ bucket, ...of }) => ({ ...of, buckets: [bucket] })),
    dayOf,
  );

/** `fresh`: what is held nowhere; `merged`: days of which blocks hold something. */
async function siftHeld(session: AccountSession, product: string, days: readonly SpanRows[]) {
  const fresh: SpanRows[] = [];
  const merged: SpanRows[] = [];
  if (days.length === 0) return { fresh, merged };
  const spans = days.map(({ span }) => span).sort();
  const range = { from: startOf(spans[0] ?? ''), to: endOf(spans.at(-1) ?? '') };
  // Before the blocks: what is merged meanwhile is found there.
  const pending = Map.groupBy((await readPending(session, product, range)).groups, ({ device }) => device);
  await inParallel(days, AT_ONCE, async (of) => {
    const { bucket, device, span, rows } = of;
    const places = new Set(
      rows.flatMap(({ stream, rows: own }) => own.map(({ ts }) => placeOf({ device, stream, ts }))),
    );
    const held = new Set<string>();
    const see = ({ stream, rows: found }: Group) => {
      for (const { ts, value } of found)
        if (places.has(placeOf({ device, stream, ts }))) held.add(sameness({ device, stream, ts, value }));
    };
    const owner = { product, bucket, device };
    const day = { from: startOf(span), to: endOf(span), order: 'asc' as const };
    for await (const { groups } of readDevice(session, owner, day)) groups.forEach(see);
    if (held.size > 0) merged.push(of);
    for (const group of pending.get(device) ?? []) if (group.buckets.includes(bucket)) see(group);
    const unknown = rows.map(({ stream, rows: own }) => ({
      stream,
      rows: own.filter(({ ts, value }) => !held.has(sameness({ device, stream, ts, value }))),
    }));
    fresh.push({ ...of, rows: unknown.filter(({ rows: left }) => left.length > 0) });
  });
  return { fresh, merged };
}
