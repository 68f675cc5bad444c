/** One hour's fresh blocks of a product, merged: into hour blocks where they fill one, into a bundle where they don't. */
import { expiryOf, type Retention, retentions } from '../../bucket/retention.ts';
import { unlessDestroyed } from '../../keyring/keyring-errors.ts';
import { inParallel } from '../../platform/in-parallel.ts';
import { mergeIntoSpan } from '../blocks/block-store.ts';
import { spanBit } from '../blocks/catalog.ts';
import { addToCatalog } from '../blocks/catalog-store.ts';
import { endOf, hourOf, startOf } from '../blocks/spans.ts';
import type { Group } from '../codec/block.ts';
import { readFreshBlocks } from '../fresh-block-store.ts';
import { keepReadings } from '../keep-readings.ts';
import type { Scope } from './compaction-deps.ts';
import type { CompactionState } from './compaction-store.ts';
import { timeOf } from './pending.ts';
import { partHours, rowsBySpan, type SpanRows } from './sort-rows.ts';
import { summariseDays, type Touched } from './summarise-days.ts';

/** Requests under way at once. */
export const AT_ONCE = 16;

/** Merges the fresh blocks from the state's watermark to `before`, a ULID. Days that are closed have summaries, which learn of it. */
export async function mergeHour(
  { deps, session, product }: Scope,
  { watermark, bundled, closed }: CompactionState,
  before: string,
): Promise<void> {
  const groups: Group[] = [];
  for await (const block of readFreshBlocks(session, product, { after: watermark, before }))
    groups.push(...block.groups);
  const { full, rest } = partHours(rowsBySpan(groups, hourSpan()));
  const touched = await mergeSpans({ session, product }, full);
  const write = { product, groups: rest, tier: 'BUNDLE' as const };
  // Behind the watermark nobody would find it, whatever this computer's clock says.
  if (rest.length > 0) await keepReadings(session, write, () => deps.newBlockId(Math.max(deps.now(), timeOf(bundled))));
  await summariseDays(
    session,
    product,
    touched.filter(({ day }) => day <= closed),
  );
}

/** The hour of a time; most times lie in the hour of the one before. */
function hourSpan() {
  let [start, end, span] = [0, 0, ''];
  return (ts: number): string => {
    if (ts < start || ts >= end) {
      span = hourOf(ts);
      [start, end] = [startOf(span), endOf(span)];
    }
    return span;
  };
}

/** Writes blocks, then catalogs. Buckets and devices that are gone keep nothing. `added`: readings that were not there before. */
export async function mergeSpans(
  { session, product }: Pick<Scope, 'session' | 'product'>,
  spans: readonly SpanRows[],
): Promise<(Touched & { added: number })[]> {
  const kept = await retentions(session);
  const touched = new Map<string, Touched & { added: number }>();
  const catalogs = new Map<string, { bucket: string; day: string; added: Map<string, number> }>();
  await inParallel(spans, AT_ONCE, async ({ bucket, device, span, rows }) => {
    const retention = kept.get(bucket);
    if (!retention) return;
    const merge = { span, rows, ttl: expiryOf(retention, endOf(span)) };
    const merged = await unlessDestroyed(mergeIntoSpan(session, { product, bucket, device }, merge));
    if (merged === undefined) return;
    const day = span.slice(0, 10);
    const key = `${bucket} ${device} ${day}`;
    const added = merged + (touched.get(key)?.added ?? 0);
    touched.set(key, { bucket, device, day, ttl: dayExpiry(retention, day), added });
    const catalog = catalogs.get(`${bucket} ${day}`) ?? { bucket, day, added: new Map<string, number>() };
    catalogs.set(`${bucket} ${day}`, catalog);
    catalog.added.set(device, (catalog.added.get(device) ?? 0) | spanBit(span));
  });
  await inParallel(catalogs.values(), AT_ONCE, async ({ bucket, day, added }) => {
    const ttl = dayExpiry(kept.get(bucket) ?? { days: undefined }, day);
    await addToCatalog(session, { product, bucket }, { day, added, ttl });
  });
  return [...touched.values()];
}

export const dayExpiry = (retention: Retention, day: string) => expiryOf(retention, endOf(day));
