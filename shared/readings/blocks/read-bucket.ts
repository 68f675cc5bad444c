/** Blocks of all devices of a bucket and product, hour by hour: the catalog of each day says which there are. */
import { unlessDestroyed } from '../../keyring/keyring-errors.ts';
import type { AccountSession } from '../../platform/account-session.ts';
import type { Group } from '../codec/block.ts';
import type { BlockOwner } from './block-keys.ts';
import { openBlock } from './block-store.ts';
import { type Catalog, hasDayBlock, hasHour } from './catalog.ts';
import { readCatalogs } from './catalog-store.ts';
import { getSpans } from './get-blocks.ts';
import { type HourSlice, sliceByHour, type TimeRange } from './hour-slices.ts';
import { dayOf, HOUR_MS, hourOf, startOf } from './spans.ts';

const HOURS = Array.from({ length: 24 }, (_, hour) => hour);

interface Of {
  readonly product: string;
  readonly bucket: string;
}

export async function* readBucket(session: AccountSession, of: Of, range: TimeRange): AsyncGenerator<HourSlice> {
  const days = { from: dayOf(range.from), to: dayOf(range.to - 1), order: range.order };
  for await (const { day, catalog } of readCatalogs(session, of, days))
    yield* readDay(session, of, { day, catalog, range });
}

async function* readDay(
  session: AccountSession,
  of: Of,
  { day, catalog, range }: { day: string; catalog: Catalog; range: TimeRange },
): AsyncGenerator<HourSlice> {
  const entries = [...catalog];
  const having = (has: (mask: number) => boolean) => entries.filter(([, mask]) => has(mask)).map(([device]) => device);
  const ofDay = new Map(
    sliceByHour(await readSpans(session, of, day, having(hasDayBlock)), range).map(({ hour, groups }) => [
      hour,
      groups,
    ]),
  );
  for (const n of range.order === 'asc' ? HOURS : HOURS.toReversed()) {
    const hour = startOf(day) + n * HOUR_MS;
    if (hour + HOUR_MS <= range.from || hour >= range.to) continue;
    const own = await readSpans(
      session,
      of,
      hourOf(hour),
      having((mask) => hasHour(mask, n)),
    );
    const groups = [...(ofDay.get(hour) ?? []), ...sliceByHour(own, range).flatMap((slice) => slice.groups)];
    if (groups.length > 0) yield { hour, groups };
  }
}

async function readSpans(session: AccountSession, { product, bucket }: Of, span: string, devices: readonly string[]) {
  const owners = devices.map((device): BlockOwner => ({ product, bucket, device }));
  const blocks = await getSpans(session, owners, span);
  const groups = await Promise.all(
    blocks.map(async (block): Promise<Group[]> => {
      const rows = (await unlessDestroyed(openBlock(session, block))) ?? [];
      return rows.map((stream) => ({ device: block.owner.device, buckets: [bucket], ...stream }));
    }),
  );
  return groups.flat();
}
