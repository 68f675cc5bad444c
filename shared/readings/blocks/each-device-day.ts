/** The days of the devices of a bucket, in order, a page at a time: for whoever goes through all of its blocks. */
import type { AccountSession } from '../../platform/account-session.ts';
import { inParallel } from '../../platform/in-parallel.ts';
import type { BlockOwner } from './block-keys.ts';
import { hasDayBlock, hasHour } from './catalog.ts';
import { readCatalogs } from './catalog-store.ts';

/** Days of devices that a page takes at most. */
const PAGE = 200;
const AT_ONCE = 8;

export interface DeviceDay {
  readonly owner: BlockOwner;
  readonly day: string;
  /** Spans of which there are blocks, or were. */
  readonly spans: readonly string[];
}

/** Answers where the next page begins, if there is one; `after` is such an answer. `from` and `to`: days, both inclusive. */
export async function eachDeviceDay(
  session: AccountSession,
  of: { product: string; bucket: string },
  { from, to, after }: { from: string; to: string; after: string | undefined },
  work: (one: DeviceDay) => Promise<void>,
): Promise<string | undefined> {
  const [doneDay = '', doneDevice = ''] = after?.split(' ') ?? [];
  let count = 0;
  const days = { from: doneDay > from ? doneDay : from, to, order: 'asc' as const };
  for await (const { day, catalog } of readCatalogs(session, of, days)) {
    const devices = [...catalog.keys()].filter((device) => day !== doneDay || device > doneDevice).sort();
    const page = devices.slice(0, PAGE - count);
    await inParallel(page, AT_ONCE, (device) =>
      work({ owner: { ...of, device }, day, spans: spansOf(day, catalog.get(device) ?? 0) }),
    );
    count += page.length;
    if (count === PAGE) return `${day} ${page.at(-1)}`;
  }
  return undefined;
}

function spansOf(day: string, mask: number): string[] {
  const hours = Array.from({ length: 24 }, (_, hour) => hour).filter((hour) => hasHour(mask, hour));
  const spans = hours.map((hour) => `${day}T${String(hour).padStart(2, '0')}`);
  return hasDayBlock(mask) ? [...spans, day] : spans;
}
