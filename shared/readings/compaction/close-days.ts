/** The end of days: bundles become day blocks, and each device's day is summed up. */
import { type Retention, retentions } from '../../bucket/retention.ts';
import { readCatalogs } from '../blocks/catalog-store.ts';
import { DAY_MS, dayOf, startOf } from '../blocks/spans.ts';
import type { Group } from '../codec/block.ts';
import { readFreshBlocks } from '../fresh-block-store.ts';
import type { Scope } from './compaction-deps.ts';
import type { CompactionState } from './compaction-store.ts';
import { dayExpiry, mergeSpans } from './merge-hour.ts';
import { timeOf, ulidAt } from './pending.ts';
import { rowsBySpan } from './sort-rows.ts';
import { summariseDays, type Touched } from './summarise-days.ts';

/** The first day that a reading may be of. */
const FIRST_DAY = '1970-01-01';

/** Closes all days up to `last`; answers how far compaction is then. */
export async function closeDays(scope: Scope, state: CompactionState, last: string): Promise<CompactionState> {
  const { deps, session, product } = scope;
  const { account } = session;
  // Bundles are made under the lease that this run holds: there is none yet of a time to come.
  const bundled = ulidAt(Math.max(deps.now(), timeOf(state.bundled)) + 1);
  const groups: Group[] = [];
  let open = '';
  for await (const block of readFreshBlocks(session, product, {
    tier: 'BUNDLE',
    after: state.bundled,
    before: bundled,
  })) {
    groups.push(...block.groups);
    // The bundle of a day's last hour is written, and sealed, on the next day: that has to close as well.
    const sealed = dayOf(timeOf(block.id));
    if (sealed > last && (open === '' || sealed < open)) open = sealed;
  }
  const merged = await mergeSpans(scope, rowsBySpan(groups, dayOf));
  const late = merged.filter(({ day }) => day <= state.closed);
  for (const [bucket, retention] of await retentions(session)) {
    const days = await catalogued(scope, bucket, retention, { after: state.closed, last });
    await summariseDays(session, product, days);
  }
  await summariseDays(session, product, late);
  for (let day = state.open; day <= last; day = dayOf(startOf(day) + DAY_MS)) {
    await deps.dayClosed({ account, product, day });
  }
  if (open !== '') await deps.dayOpened({ account, product, day: open });
  return { ...state, bundled, closed: last, open };
}

/** Every device's days of a bucket, of those that close now. */
async function catalogued(
  { session, product }: Scope,
  bucket: string,
  retention: Retention,
  { after, last }: { after: string; last: string },
): Promise<Touched[]> {
  const from = after === '' ? FIRST_DAY : dayOf(startOf(after) + DAY_MS);
  if (from > last) return [];
  const days: Touched[] = [];
  for await (const { day, catalog } of readCatalogs(session, { product, bucket }, { from, to: last, order: 'asc' })) {
    for (const device of catalog.keys()) days.push({ bucket, device, day, ttl: dayExpiry(retention, day) });
  }
  return days;
}
